using Muster.Lock.Machine;
using Muster.Unit.Tests.Lock;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Tutorial;

public sealed class LockLifeTests
{
    private interface ILocks
    {
        /// <summary>The fencing token of a grant, 0 where there is none; null: not granted.</summary>
        long? Acquire(string holder, string name);

        /// <summary>No holder says anything meanwhile.</summary>
        void Silence();

        /// <summary>Ends in good order, without a word about single locks.</summary>
        void Leave(string holder);
    }

    /// <summary>The tutorial's fault: locks without expiry.</summary>
    [Fact]
    public void A_dead_holders_lock_passes_on()
    {
        PassesOn(new RealLocks()).ShouldBeTrue();

        PassesOn(new TutorialLocks(expires: false)).ShouldBeFalse();
    }

    /// <summary>The tutorial's fault: locks without fencing tokens.</summary>
    [Fact]
    public void A_paused_holders_late_write_is_refused()
    {
        RefusesLateWrites(new RealLocks()).ShouldBeTrue();

        RefusesLateWrites(new TutorialLocks(expires: true)).ShouldBeFalse();
    }

    /// <summary>
    /// The tutorial's fault: read locks that are never released. There are no shared locks here yet; the rule
    /// that they will be under is tested: a session's end releases all that it holds.
    /// </summary>
    [Fact]
    public void A_sessions_end_releases_everything_that_it_holds()
    {
        ReleasesAll(new RealLocks()).ShouldBeTrue();

        ReleasesAll(new TutorialLocks(expires: true)).ShouldBeFalse();
    }

    private static bool PassesOn(ILocks locks)
    {
        var first = locks.Acquire("A", "x");
        var isExclusive = locks.Acquire("B", "x") is null;
        locks.Silence();
        return first is not null && isExclusive && locks.Acquire("B", "x") is not null;
    }

    private static bool RefusesLateWrites(ILocks locks)
    {
        var store = new GuardedStore();
        var early = locks.Acquire("A", "x")!.Value;
        locks.Silence();
        var late = locks.Acquire("B", "x")!.Value;
        return store.Write(late) && !store.Write(early);
    }

    private static bool ReleasesAll(ILocks locks)
    {
        string[] names = ["x", "y", "z"];
        var all = names.All(name => locks.Acquire("A", name) is not null);
        locks.Leave("A");
        return all && names.All(name => locks.Acquire("B", name) is not null);
    }

    /// <summary>A resource that takes no write under an older grant than it has seen.</summary>
    private sealed class GuardedStore
    {
        private long _newest;

        public bool Write(long token)
        {
            if (token < _newest)
            {
                return false;
            }
            _newest = token;
            return true;
        }
    }

    private sealed class RealLocks : ILocks
    {
        private readonly LockScript _script = new();
        private readonly HashSet<string> _open = [];
        private int _commands;

        public long? Acquire(string holder, string name)
        {
            if (_open.Add(holder))
            {
                _script.Apply($"open {holder} ttl=1000 id=o{++_commands}");
            }
            return _script.Apply($"acquire {holder} {name} a{++_commands}").OfType<LockEffect.Answer>()
                .Single().Reply.LockGranted?.FencingToken.Value;
        }

        public void Silence()
        {
            _script.Apply("tick +1000");
            _open.Clear();
        }

        public void Leave(string holder) => _script.Apply($"close {holder}");
    }

    private sealed class TutorialLocks(bool expires) : ILocks
    {
        private readonly Dictionary<string, string> _holders = [];

        public long? Acquire(string holder, string name) => _holders.TryAdd(name, holder) ? 0 : null;

        public void Silence()
        {
            if (expires)
            {
                _holders.Clear();
            }
        }

        public void Leave(string holder)
        {
            // A client that ends says nothing of the read locks that it has, and nobody else looks.
        }
    }
}
