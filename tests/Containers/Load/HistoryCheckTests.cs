using Muster.Broker;
using Muster.Cluster.Load;
using Muster.Contracts;
using Muster.Testing;
using Shouldly;
using Xunit;

namespace Muster.Containers.Tests.Load;

/// <summary>The histories of the loads, and what becomes of one that is refuted.</summary>
public sealed class HistoryCheckTests
{
    private readonly LockHistory _history = new();

    [Fact]
    public void Holds_one_after_the_other_are_explained()
    {
        Holds(1, 7);
        Holds(2, 8);
        Judge();
    }

    [Fact]
    public void Two_holders_at_once_are_refuted_and_their_history_is_kept_as_lines_to_draw()
    {
        var (one, other) = (Grant(1), Grant(2));
        End(2, 8, other);
        End(1, 7, one);

        var message = Should.Throw<ShouldAssertException>(Judge).Message;

        message.ShouldContain("NotOk");
        var file = message[(message.LastIndexOf(' ') + 1)..];
        file.ShouldStartWith(Scratch.Root);
        using var reader = new StreamReader(file);
        HistoryReader.Read(reader).Operations.Count.ShouldBe(4);
    }

    [Fact]
    public void A_token_that_goes_back_is_refuted()
    {
        Holds(1, 8);
        Holds(2, 7);
        Should.Throw<ShouldAssertException>(Judge);
    }

    [Fact]
    public void A_lock_that_was_lost_or_an_acquire_that_threw_keeps_nobody_out()
    {
        var lost = Grant(1);
        _history.Acquires(3, "a");
        _history.AcquireUnknown(3);
        Holds(2, 8);
        _history.Releasing();
        _history.WasLost(1, lost);
        Holds(1, 9);
        Judge();
    }

    private void Judge() => HistoryCheck.IsLinearizable("locks", _history.Events, new FencedMutexModel());

    private void Holds(int worker, long token) => End(worker, token, Grant(worker));

    private int Grant(int worker)
    {
        _history.Acquires(worker, "a");
        return _history.Granted();
    }

    private void End(int worker, long token, int granted)
    {
        _history.Held(worker, "a", new FencingToken(token), granted, _history.Releasing());
        _history.Released(worker);
    }
}
