namespace Muster.Testing;

/// <summary>Numbers the states of a search, each once.</summary>
internal sealed class StateTable<TState>(Model<TState> model)
    where TState : notnull
{
    // In the dictionary and the list, with the room that they keep to grow.
    private const int EntryBytes = 96;

    private readonly Dictionary<TState, int> _numbers = [];
    private readonly List<TState> _states = [];

    public long Bytes { get; private set; }

    public TState this[int number] => _states[number];

    public int NumberOf(TState state)
    {
        if (!_numbers.TryGetValue(state, out var number))
        {
            number = _states.Count;
            _numbers.Add(state, number);
            _states.Add(state);
            Bytes += EntryBytes + model.EstimateBytes(state);
        }
        return number;
    }
}
