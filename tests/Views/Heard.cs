namespace Muster.Views.Tests;

/// <summary>What a subscription heard, in order: <c>gap</c>, or an announcement in short.</summary>
internal sealed class Heard : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<string> _lines = [];
    private readonly IDisposable _subscription;

    public Heard(IServiceViews views) => _subscription = views.Subscribe(
        told => Add(
            $"{told.Epoch}: {told.FromNumber}..{told.ToNumber} {string.Join(',', told.Services)}".Trim()),
        () => Add("gap"));

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_gate)
            {
                return [.. _lines];
            }
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _lines.Clear();
        }
    }

    /// <summary>So many lines after the last of this one, which may have come more than once.</summary>
    public async Task<IReadOnlyList<string>> AfterAsync(string line, int count)
    {
        IReadOnlyList<string> after = [];
        await Until.TrueAsync(
            () =>
            {
                var lines = Lines;
                after = [.. lines.Skip(lines.ToList().LastIndexOf(line) + 1)];
                return after.Count >= count;
            },
            $"too little is heard after {line}");
        return after;
    }

    public void Dispose() => _subscription.Dispose();

    private void Add(string line)
    {
        lock (_gate)
        {
            _lines.Add(line);
        }
    }
}
