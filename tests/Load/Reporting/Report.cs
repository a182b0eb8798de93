using Muster.Load.Floors;

namespace Muster.Load.Reporting;

/// <summary>Everything that was measured, and where.</summary>
internal sealed class Report(Facts facts)
{
    private readonly List<Row> _rows = [];
    private readonly List<FaultTimes> _faults = [];
    private readonly List<string> _notes = [];

    public Facts Facts => facts;

    public IReadOnlyList<Row> Rows => _rows;

    public IReadOnlyList<FaultTimes> Faults => _faults;

    /// <summary>What a reader of the numbers has to know.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>Why not all of it was measured; null when it was.</summary>
    public string? BrokenOff { get; private set; }

    public void BreakOff(string why) => BrokenOff = why;

    public void Add(Row row) => _rows.Add(row);

    public void Add(FaultTimes times) => _faults.Add(times);

    public void Note(string note)
    {
        if (!_notes.Contains(note))
        {
            _notes.Add(note);
        }
    }

    /// <summary>
    /// A row's number divided by the floor's, which is the mean of that floor's passes; null when either is
    /// missing.
    /// </summary>
    public double? Ratio(Row row, Comparison against)
    {
        var floor = _rows.Where(candidate => candidate.Floor == against.Floor)
            .Select(candidate => Value(candidate, against.Measure)).Average();
        return Value(row, against.Measure) / floor;
    }

    /// <summary>A floor's least and greatest rate over its passes, as a share of their mean.</summary>
    public double? Spread(FloorId floor)
    {
        var rates = _rows.Where(row => row.Floor == floor).Select(row => row.Measured.PerSecond).ToList();
        return rates.Count < 2 ? null : (rates.Max() - rates.Min()) / rates.Average();
    }

    private static double? Value(Row row, Measure measure) =>
        measure == Measure.P50 ? row.Measured.P50 : row.Measured.PerSecond;
}
