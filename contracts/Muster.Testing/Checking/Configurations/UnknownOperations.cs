namespace Muster.Testing;

/// <summary>
/// The operations of unknown outcome: each may be in the order, from its invocation on, and need not be. Of
/// those that are alike the first invoked is used first; any other choice comes to the same. Where they may
/// be repeated, using one leaves it as it was, and the first of those alike stands for all.
/// </summary>
internal sealed class UnknownOperations
{
    private const int WordBits = 64;

    private readonly IReadOnlyList<Operation> _operations;
    private readonly bool _areRepeated;
    // The one before that is alike, or -1.
    private readonly int[] _twins;
    private readonly ulong[] _used;

    public UnknownOperations(IReadOnlyList<Operation> operations, bool dependsOnProcess, bool areRepeated)
    {
        (_operations, _areRepeated) = (operations, areRepeated);
        _twins = new int[operations.Count];
        _used = new ulong[(operations.Count + WordBits - 1) / WordBits];
        var last = new Dictionary<(string, Value, long), int>();
        for (var index = 0; index < operations.Count; index++)
        {
            var operation = operations[index];
            var alike =
                (operation.Function, operation.Argument, dependsOnProcess ? operation.Process : 0);
            _twins[index] = last.GetValueOrDefault(alike, -1);
            last[alike] = index;
        }
    }

    public Operation this[int index] => _operations[index];

    /// <summary>Which are in the order, without empty words at the end.</summary>
    public ReadOnlySpan<ulong> Used => _used.AsSpan().TrimEnd(0UL);

    /// <summary>How many were invoked before that place.</summary>
    public int InvokedBefore(long place)
    {
        var (low, high) = (0, _operations.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _operations[middle].InvokedAt < place ? (middle + 1, high) : (low, middle);
        }
        return low;
    }

    public bool MayUse(int index) => !IsUsed(index) && (_twins[index] < 0 || IsUsed(_twins[index]));

    public void Use(int index)
    {
        if (!_areRepeated)
        {
            _used[index / WordBits] |= 1UL << (index % WordBits);
        }
    }

    public void PutBack(int index) => _used[index / WordBits] &= ~(1UL << (index % WordBits));

    private bool IsUsed(int index) => (_used[index / WordBits] & (1UL << (index % WordBits))) != 0;
}
