using System.Globalization;
using Muster.Cluster.Load;
using Shouldly;

namespace Muster.Load.Locking;

/// <summary>
/// The grants of a run, held against what every grant must be: an entry of its own, under a token that nobody
/// else has and that is above all before it. Thread-safe.
/// </summary>
internal sealed class GrantBook
{
    private readonly Lock _gate = new();
    private readonly List<SeenGrant> _grants = [];

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _grants.Count;
            }
        }
    }

    public void Add(LockCycle cycle)
    {
        var name = cycle.Name.ToString(CultureInfo.InvariantCulture);
        lock (_gate)
        {
            _grants.Add(new(name, cycle.Token, cycle.Asked, cycle.Acquired));
        }
    }

    /// <param name="isOneGroup">All locks are of one group, which counts its tokens in one.</param>
    /// <exception cref="LoadException">It is not so.</exception>
    public void Judge(bool isOneGroup)
    {
        lock (_gate)
        {
            try
            {
                foreach (var some in _grants.GroupBy(grant => isOneGroup ? "" : grant.Lock))
                {
                    TokenOrder.Judge([.. some]);
                }
            }
            catch (ShouldAssertException refuted)
            {
                throw new LoadException(refuted.Message, refuted);
            }
        }
    }
}
