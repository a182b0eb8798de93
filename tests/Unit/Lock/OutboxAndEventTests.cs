using Muster.Contracts;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Lock;

public sealed class OutboxAndEventTests
{
    [Fact]
    public void The_first_claim_of_an_epoch_wins_and_only_its_owner_trims()
    {
        var script = new LockScript();
        script.Apply("open A");
        script.Apply("acquire A x a1; acquire A y a2; acquire A z a3");
        script.Apply("published 0 1");
        script.Apply("claim r1 0; claim r2 0");
        (script.Machine.Outbox.Owner, script.Machine.Outbox.Epoch).ShouldBe(("r1", 1));
        script.Apply("published 0 2");
        script.Machine.Outbox.Count.ShouldBe(3);
        script.Apply("published 1 2");
        (script.Machine.Outbox.PublishedUpTo, script.Machine.Outbox.LastNumber).ShouldBe((2, 3));
        script.Machine.Outbox.From(1, 10).Select(item => item.Number).ShouldBe([3]);
        script.Apply("claim r2 1");
        script.Apply("published 1 3");
        script.Machine.Outbox.Count.ShouldBe(1);
        script.Apply("published 2 99");
        (script.Machine.Outbox.PublishedUpTo, script.Machine.Outbox.LastNumber).ShouldBe((3, 3));
        (script.Machine.Outbox.Owner, script.Machine.Outbox.Epoch).ShouldBe(("r2", 2));
    }

    [Fact]
    public void Unpublished_items_are_read_in_pages()
    {
        var script = new LockScript();
        script.Apply("open A");
        script.Apply("acquire A x a1; acquire A y a2; acquire A z a3; acquire A z a4 wait=10");
        script.Machine.Outbox.From(2, 2).Select(item => item.Number).ShouldBe([2, 3]);
        script.Machine.Outbox.From(4, 2).Select(item => item.Number).ShouldBe([4]);
        script.Machine.Outbox.From(5, 2).ShouldBeEmpty();
    }

    [Fact]
    public void A_full_outbox_takes_nothing_new_but_lets_go_and_recovers() => LockScript.Check("""
        open A
          A <- open-A: opened A
        acquire A x a1; acquire A y a2; acquire A z a3
          #1 event 1: granted x 1 a1
          A <- a1: granted x 1
          #2 event 2: granted y 2 a2
          A <- a2: granted y 2
          A <- a3: LimitReached
        open B
          B <- open-B: LimitReached
        release A x a1 1
          #3 event 3: released x 1 a1
          A <- release-A: released x 1
        claim r1 0; published 1 3
        acquire A z a4
          #4 event 4: granted z 3 a4
          A <- a4: granted z 3
        """, new() { MaxOutbox = 2 });

    [Fact]
    public void An_event_names_its_entry_its_place_in_it_and_its_number()
    {
        var script = new LockScript();
        script.Apply("open A");
        script.Apply("acquire A x a1; acquire A y a2");
        var ids = script.Machine.Outbox.From(1, 10).Select(item => item.EventId!).ToList();
        ids.ShouldBe([
            new() { Group = "lock", Epoch = 1, Index = new LogIndex(3), Ordinal = 0, Number = 1 },
            new() { Group = "lock", Epoch = 1, Index = new LogIndex(3), Ordinal = 1, Number = 2 },
        ]);
        var granted = script.Machine.Outbox.From(2, 1)[0].Event!.LockGranted!;
        granted.Event.ShouldBe(ids[1]);
        granted.Freshness.ShouldBe(new() { ClusterId = "test", Epoch = 1, Index = new LogIndex(3) });
    }

    [Fact]
    public void Catching_up_gives_the_events_or_a_full_view_when_they_are_gone()
    {
        var script = new LockScript(new() { MaxKeptEvents = 3 });
        script.Machine.ReadEvents(new() { FromNumber = 1 }).IsFullView.ShouldBeFalse();
        script.Apply("open A");
        script.Apply("acquire A x a1; acquire A y a2; acquire A z a3; release A x a1 1");
        var kept = script.Machine.ReadEvents(new() { CommandId = "q", FromNumber = 3 });
        (kept.CommandId, kept.Group, kept.Head, kept.IsFullView).ShouldBe(("q", "lock", 4, false));
        kept.Events.Select(EffectText.Of).ShouldBe(["granted z 3 a3", "released x 1 a1"]);
        script.Machine.ReadEvents(new() { FromNumber = 5 }).Events.ShouldBeEmpty();
        script.Machine.ReadEvents(new() { FromNumber = 5 }).IsFullView.ShouldBeFalse();
        var full = script.Machine.ReadEvents(new() { FromNumber = 1 });
        full.IsFullView.ShouldBeTrue();
        full.Events.ShouldBeEmpty();
        full.Held.Select(held => (held.Name, held.FencingToken.Value)).ShouldBe([("y", 2), ("z", 3)]);
    }
}
