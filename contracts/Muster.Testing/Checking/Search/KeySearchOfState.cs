namespace Muster.Testing;

/// <summary>
/// Depth first over the orders of one key's operations, as Wing and Gong do it, with Lowe's memory of where
/// it has been. Five rules cut what need not be searched; none of them loses the last order that there is:
/// an observation that fits is put in at once; of operations that are alike the most urgent goes first;
/// those of unknown outcome are tried last, and not where they change nothing; one whose effect the next
/// operation hides is not used; and configurations that have used more of them than another are left (<see
/// cref="ConfigurationMemory"/>).
/// </summary>
internal sealed class KeySearch<TState> : KeySearch
    where TState : notnull
{
    private const int None = -1;

    // Then it pauses, so that its owner sees how much it holds.
    private const long MostBytesAtOnce = 8 << 20;

    private static readonly EqualityComparer<TState> States = EqualityComparer<TState>.Default;

    private readonly Value _key;
    private readonly KeyHistory<TState> _history;
    private readonly PendingList _pending;
    private readonly OrderedSet _ordered;
    private readonly StateTable<TState> _states;
    private readonly ConfigurationMemory _memory = new();
    private readonly List<Move> _order = [];
    private readonly LongestOrder _longest;
    private int _state;
    // The next to try here: a node of the list, or where all of them were tried an unknown operation.
    private int _node = None;
    private int _unknown = None;

    public KeySearch(Model<TState> model, KeyOperations key, SearchRules rules)
    {
        _key = key.Key;
        _longest = new LongestOrder(rules.KeepsOrder);
        _history = new KeyHistory<TState>(model, key.Operations, rules);
        _pending = new PendingList(_history.Known);
        _ordered = new OrderedSet(_history.Known.Length);
        _states = new StateTable<TState>(model);
        _state = _states.NumberOf(_history.Model.Initial);
        Enter();
    }

    public override long Bytes => _memory.Bytes + _states.Bytes;

    public override long StuckAt =>
        _longest.Blocked < 0 ? long.MinValue : _history.Known[_longest.Blocked].CompletedAt;

    private TState State => _states[_state];

    public override SearchStatus Run(int steps)
    {
        var most = Bytes + MostBytesAtOnce;
        for (var step = 0; step < steps && Bytes <= most; step++)
        {
            if (_pending.IsEmpty)
            {
                return SearchStatus.Explained;
            }
            if (!TryNext() && !Backtrack())
            {
                return SearchStatus.Refuted;
            }
        }
        return SearchStatus.Paused;
    }

    public override FailingPart Stuck()
    {
        if (_longest.Blocked < 0)
        {
            OfferOrder();
        }
        var blocked = _history.Known[_longest.Blocked];
        return new FailingPart
        {
            Model = _history.Model,
            Key = _key,
            Operations = _history.All,
            Blocked = blocked,
            Order = [.. _longest.Operations.Select(_history.At)],
            State = _history.Model.Describe(_states[_longest.State]),
        };
    }

    /// <summary>Tries one operation; false when none is left here.</summary>
    private bool TryNext()
    {
        if (_node != None)
        {
            var node = _node;
            if (PendingList.IsCompletion(node))
            {
                (_node, _unknown) = (None, 0);
                return true;
            }
            _node = _pending.Next(node);
            var known = PendingList.OperationOf(node);
            // An observation that is still there did not fit this state.
            return _history.IsObservation(known) || HasUrgentTwin(known)
                || TryMove(known, _history.Known[known]);
        }
        if (_unknown == None)
        {
            return false;
        }
        var index = _unknown++;
        if (index >= _history.Unknown.InvokedBefore(_history.Known[_pending.FirstCompleted()].CompletedAt))
        {
            return false;
        }
        return !_history.Unknown.MayUse(index) || TryMove(~index, _history.Unknown[index]);
    }

    /// <summary>Goes one operation further, unless it does not fit or leads nowhere new.</summary>
    private bool TryMove(int number, Operation operation)
    {
        if (!_history.Model.TryStep(State, operation, out var next)
            || (number < 0 && States.Equals(State, next))
            || HidesUnknown(operation, next))
        {
            return true;
        }
        Put(number, _states.NumberOf(next), isForced: false);
        Enter();
        return true;
    }

    /// <summary>
    /// Whether another that may be next is the same in all but its interval, and must be done earlier: that
    /// one first and this one later is as good as the other way round.
    /// </summary>
    private bool HasUrgentTwin(int known)
    {
        if (!_history.HasTwins(known))
        {
            return false;
        }
        for (var node = _pending.First; !PendingList.IsCompletion(node); node = _pending.Next(node))
        {
            if (_history.IsUrgentTwin(PendingList.OperationOf(node), known))
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>
    /// Whether it comes to the same without the operation of unknown outcome just used: the order without it
    /// is searched anyway, and can do more.
    /// </summary>
    private bool HidesUnknown(Operation operation, TState next) =>
        _order.Count > 0 && _order[^1] is { IsUnknown: true } hidden
        && _history.Model.TryStep(_states[hidden.State], operation, out var without)
        && States.Equals(next, without);

    /// <summary>
    /// Arrives at a configuration: puts in every observation that fits, which changes no state, and finds out
    /// whether the search was here before.
    /// </summary>
    private void Enter()
    {
        if (!_pending.IsEmpty)
        {
            PutObservations();
        }
        if (_pending.IsEmpty)
        {
            return;
        }
        var head = (uint)_ordered.Low | (ulong)(uint)_state << 32;
        (_node, _unknown) = _memory.TryAdd(head, _ordered.Window, _history.Unknown.Used)
            ? (_pending.First, None)
            : (None, None);
    }

    private void PutObservations()
    {
        for (var node = _pending.First; !_pending.IsEmpty && !PendingList.IsCompletion(node);)
        {
            var operation = PendingList.OperationOf(node);
            if (_history.IsObservation(operation)
                && _history.Model.TryStep(State, _history.Known[operation], out _))
            {
                var before = _pending.Previous(node);
                Put(operation, _state, isForced: true);
                node = _pending.Next(before);
            }
            else
            {
                node = _pending.Next(node);
            }
        }
    }

    private void Put(int number, int next, bool isForced)
    {
        _order.Add(new Move(number, _state, _ordered.Low, _ordered.High, isForced));
        _state = next;
        if (number >= 0)
        {
            _pending.Take(number);
            _ordered.Add(number);
        }
        else
        {
            _history.Unknown.Use(~number);
        }
    }

    private void OfferOrder()
    {
        var blocked = _pending.FirstCompleted();
        _longest.Offer(blocked, _history.Known[blocked].CompletedAt, _order, _ordered.Count, _state);
    }

    /// <summary>Goes back to where something is left to try; false when nothing is.</summary>
    private bool Backtrack()
    {
        OfferOrder();
        while (_order.Count > 0)
        {
            var move = _order[^1];
            _order.RemoveAt(_order.Count - 1);
            _state = move.State;
            if (move.IsUnknown)
            {
                _history.Unknown.PutBack(~move.Operation);
                (_node, _unknown) = (None, ~move.Operation + 1);
            }
            else
            {
                _pending.PutBack(move.Operation);
                _ordered.Remove(move.Operation, move.Low, move.High);
                (_node, _unknown) = (_pending.Next(PendingList.InvocationOf(move.Operation)), None);
            }
            if (!move.IsForced)
            {
                return true;
            }
        }
        return false;
    }
}
