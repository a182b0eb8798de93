namespace Muster.Testing;

/// <summary>
/// The invocations and completions of the operations that are not in the order yet, by real time: Wing and
/// Gong's doubly linked list. Before the first completion stand the operations that can be next. Taking one
/// out and putting it back cost the same however many there are; they are put back in reverse order.
/// </summary>
internal sealed class PendingList
{
    private readonly int[] _next;
    private readonly int[] _previous;
    private readonly int _end;

    public PendingList(IReadOnlyList<Operation> operations)
    {
        _end = 2 * operations.Count;
        _next = new int[_end + 1];
        _previous = new int[_end + 1];
        var nodes = Enumerable.Range(0, _end)
            .OrderBy(node => IsCompletion(node)
                ? operations[OperationOf(node)].CompletedAt
                : operations[OperationOf(node)].InvokedAt)
            .Append(_end);
        var previous = _end;
        foreach (var node in nodes)
        {
            Connect(previous, node);
            previous = node;
        }
    }

    public bool IsEmpty => _next[_end] == _end;

    public int First => _next[_end];

    public static bool IsCompletion(int node) => (node & 1) != 0;

    public static int OperationOf(int node) => node >> 1;

    public static int InvocationOf(int operation) => 2 * operation;

    public int Next(int node) => _next[node];

    public int Previous(int node) => _previous[node];

    /// <summary>The operation whose completion comes first.</summary>
    public int FirstCompleted()
    {
        var node = First;
        while (!IsCompletion(node))
        {
            node = _next[node];
        }
        return OperationOf(node);
    }

    public void Take(int operation)
    {
        Unlink(InvocationOf(operation));
        Unlink(InvocationOf(operation) + 1);
    }

    public void PutBack(int operation)
    {
        Link(InvocationOf(operation) + 1);
        Link(InvocationOf(operation));
    }

    private void Unlink(int node) => Connect(_previous[node], _next[node]);

    // The node still knows its neighbours, which are the same again when all later ones are back.
    private void Link(int node)
    {
        _next[_previous[node]] = node;
        _previous[_next[node]] = node;
    }

    private void Connect(int previous, int next) => (_next[previous], _previous[next]) = (next, previous);
}
