using Muster.Contracts;
using Muster.Contracts.Decisions;
using Muster.Decisions.Machine;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Decisions;

public sealed class ProposalTests
{
    private readonly DecisionBench _bench = new();

    [Fact]
    public void The_first_proposal_decides_and_everybody_gets_its_value()
    {
        var first = _bench.Propose("k", "one", "c1", "ann").ValueProposed.ShouldNotBeNull();
        _bench.Events.ShouldHaveSingleItem().Decision.ShouldBe(first.Decision);
        var second = _bench.Propose("k", "two", "c2", "bob").ValueProposed.ShouldNotBeNull();

        first.Decision.ShouldBe(new Decision
        {
            Key = "k",
            Value = "one",
            Proposer = "ann",
            CommandId = "c1",
            Epoch = 7,
            Index = new(2),
            LogTime = 1_000,
        });
        (first.IsOwn, second.IsOwn).ShouldBe((true, false));
        second.Decision.ShouldBe(first.Decision);
        (second.CommandId, second.Freshness.Epoch, second.Freshness.Index, second.Freshness.ClusterId)
            .ShouldBe(("c2", 7, new LogIndex(3), "test"));
        _bench.Events.ShouldBeEmpty();
    }

    [Fact]
    public void The_first_of_one_entry_decides()
    {
        var answers = _bench.Apply(
            new DecisionEntryCommand { ProposeValue = new() { CommandId = "a", Key = "k", Value = "1" } },
            new DecisionEntryCommand { ProposeValue = new() { CommandId = "b", Key = "k", Value = "2" } },
            new DecisionEntryCommand { ProposeValue = new() { CommandId = "c", Key = "l", Value = "3" } })
            .OfType<DecisionEffect.Answer>().Select(answer => answer.Reply.ValueProposed!).ToList();

        answers.Select(answer => (answer.Decision.Value, answer.IsOwn))
            .ShouldBe([("1", true), ("1", false), ("3", true)]);
        _bench.Events.Select(one => (one.Event.Number, one.Event.Ordinal, one.Decision.Key))
            .ShouldBe([(1, 0, "k"), (2, 1, "l")]);
    }

    /// <summary>However late it comes, and whatever restarts between.</summary>
    [Fact]
    public void A_repeat_is_answered_alike_for_ever_and_is_its_own()
    {
        var first = _bench.Propose("k", "one", "same").ValueProposed!;
        _bench.Restart();
        _bench.Pass(3 * DecisionBench.Window);

        var repeat = _bench.Propose("k", "one", "same").ValueProposed.ShouldNotBeNull();
        repeat.Decision.ShouldBe(first.Decision);
        repeat.IsOwn.ShouldBeTrue();
        _bench.Events.ShouldBeEmpty();
        // A copy that is long old is answered as well: nothing can be done twice.
        _bench.Do(new() { CommandId = "late", Key = "k", Value = "two" }, issuedAt: 0)
            .ValueProposed!.Decision.ShouldBe(first.Decision);
    }

    [Fact]
    public void Equal_values_of_two_commands_are_not_both_their_own()
    {
        _bench.Propose("k", "one", "c1").ValueProposed!.IsOwn.ShouldBeTrue();
        _bench.Propose("k", "one", "c2").ValueProposed!.IsOwn.ShouldBeFalse();
    }

    [Fact]
    public void The_deciding_id_with_another_value_is_another_command_and_is_refused()
    {
        _bench.Propose("k", "secret", "same");
        var refused = _bench.Propose("k", "two", "same").DecisionRefused.ShouldNotBeNull();
        refused.Reason.ShouldBe(DecisionRefusal.CommandIdInvalid);
        refused.Message.ShouldNotContain("secret");
        _bench.Decided("k").ShouldBe("secret");
    }

    [Fact]
    public void A_proposal_older_than_the_window_decides_nothing_and_is_unknown()
    {
        _bench.Pass(DecisionBench.Window);
        _bench.Do(new() { CommandId = "c", Key = "k", Value = "v" }, issuedAt: 0)
            .DecisionUnknown.ShouldNotBeNull().Message.ShouldContain("ms ago");
        _bench.Do(new() { CommandId = "c", Key = "k", Value = "v" }, _bench.Machine.Time + 1)
            .DecisionUnknown.ShouldNotBeNull();
        _bench.Decided("k").ShouldBeNull();
        _bench.Events.ShouldBeEmpty();
        _bench.Do(
            new() { CommandId = "c", Key = "k", Value = "v" }, _bench.Machine.Time - DecisionBench.Window + 1)
            .ValueProposed.ShouldNotBeNull();
    }

    public static TheoryData<string, ProposeValue> Wrong
    {
        get
        {
            var good = new ProposeValue { CommandId = "c", Key = "k", Value = "v" };
            return new()
            {
                { "CommandIdInvalid", good with { CommandId = "" } },
                { "CommandIdInvalid", good with { CommandId = new string('c', 129) } },
                { "KeyInvalid", good with { Key = "" } },
                { "KeyInvalid", good with { Key = new string('k', 513) } },
                { "KeyInvalid", good with { Key = new string('ä', 257) } },
                { "KeyInvalid", good with { Key = "a\nb" } },
                { "ValueInvalid", good with { Value = new string('v', (64 * 1024) + 1) } },
                { "ValueInvalid", good with { Proposer = new string('p', 257) } },
            };
        }
    }

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_breaks_a_rule_is_refused_and_changes_nothing(string reason, ProposeValue propose)
    {
        _bench.Do(propose).DecisionRefused!.Reason.ToString().ShouldBe(reason);
        _bench.Machine.List(new ListDecisions()).DecisionsListed!.Decisions.ShouldBeEmpty();
        _bench.Machine.EventsHead.ShouldBe(0);
    }

    [Fact]
    public void The_largest_allowed_is_decided()
    {
        var (key, value) = (new string('ä', 256), new string('v', 64 * 1024));
        _bench.Propose(key, value, new string('c', 128), new string('p', 256))
            .ValueProposed.ShouldNotBeNull();
        _bench.Decided(key).ShouldBe(value);
    }

    [Fact]
    public void Before_the_group_is_founded_everything_is_refused_and_may_be_asked_again()
    {
        var bench = new DecisionBench(isFounded: false);
        bench.Propose("k", "v").DecisionRefused!.Reason.ShouldBe(DecisionRefusal.NotReady);
        bench.Machine.Get(new() { Key = "k" }).DecisionRefused!.Reason.ShouldBe(DecisionRefusal.NotReady);
    }

    [Fact]
    public void Beyond_the_limits_nothing_new_is_decided_and_what_is_decided_is_answered()
    {
        var full = new DecisionBench(new() { MaxKeys = 2 });
        full.Propose("a", "1");
        full.Propose("b", "2");
        var refused = full.Propose("c", "3").DecisionRefused.ShouldNotBeNull();
        (refused.Reason, refused.Message).ShouldBe(
            (DecisionRefusal.LimitReached, "2 keys are decided, at most 2."));
        full.Propose("a", "9").ValueProposed!.Decision.Value.ShouldBe("1");

        var heavy = new DecisionBench(new() { MaxBytes = 200 });
        heavy.Propose("a", new string('x', 100));
        heavy.Propose("b", new string('x', 100)).DecisionRefused!.Reason
            .ShouldBe(DecisionRefusal.LimitReached);
        heavy.Restart();
        heavy.Propose("b", new string('x', 100)).DecisionRefused!.Reason
            .ShouldBe(DecisionRefusal.LimitReached);
    }

    /// <summary>It empties, and a late copy is taken then: no refusal for good.</summary>
    [Fact]
    public void While_too_many_events_are_unpublished_the_answer_is_to_send_again_later()
    {
        var bench = new DecisionBench(new() { MaxOutbox = 1 });
        bench.Propose("a", "1");
        bench.Propose("b", "2", "c").DecisionRefused!.Reason.ShouldBe(DecisionRefusal.Overloaded);
        bench.Apply(
            new DecisionEntryCommand { OutboxClaim = new() { Replica = "r1" } },
            new DecisionEntryCommand { OutboxPublished = new() { Epoch = 1, UpTo = 1 } });
        bench.Propose("b", "2", "c").ValueProposed!.IsOwn.ShouldBeTrue();
    }

    [Fact]
    public void A_command_with_missing_fields_is_refused_and_stops_nothing()
    {
        var entry =
            """{"version":1,"commands":[{"proposeValue":{"key":null,"commandId":"c","value":null}}]}"""u8;
        _bench.Apply(entry.ToArray()).OfType<DecisionEffect.Answer>().Single()
            .Reply.DecisionRefused!.Reason.ShouldBe(DecisionRefusal.KeyInvalid);
    }

    [Theory]
    [InlineData("""{"version":2,"commands":[]}""")]
    [InlineData("""{"version":1,"commands":[{}]}""")]
    [InlineData("""{"version":1,"commands":[{"forgetValue":{}}]}""")]
    [InlineData("""{"version":1,"commands":null}""")]
    [InlineData("not JSON")]
    public void An_entry_that_cannot_be_read_stops_the_replica_and_changes_nothing(string body)
    {
        var digest = _bench.Machine.Digest();
        Should.Throw<FormatException>(() => _bench.Apply(System.Text.Encoding.UTF8.GetBytes(body)));
        _bench.Machine.Digest().ShouldBe(digest);
    }

    [Fact]
    public void Decisions_are_listed_by_prefix_in_ordinal_order_and_in_pages()
    {
        foreach (var key in new[] { "b", "a/2", "a/10", "a/", "a", "aa", "A" })
        {
            _bench.Propose(key, "v");
        }
        Keys(new() { Prefix = "a/" }).ShouldBe(["a/", "a/10", "a/2"]);
        Keys(new()).ShouldBe(["A", "a", "a/", "a/10", "a/2", "aa", "b"]);
        Keys(new() { Prefix = "c" }).ShouldBeEmpty();
        var page = _bench.Machine.List(new ListDecisions { Prefix = "a", Limit = 2 }).DecisionsListed!;
        (page.Decisions.Count, page.IsTruncated, page.EventsHead).ShouldBe((2, true, 7));
        Keys(new() { Prefix = "a", After = page.Decisions[^1].Key }).ShouldBe(["a/10", "a/2", "aa"]);
        _bench.Machine.List(new ListDecisions { Limit = 0 }).DecisionRefused!.Reason
            .ShouldBe(DecisionRefusal.QueryInvalid);
        _bench.Machine.List(new ListDecisions { Limit = 1 }, cachedAge: 12).DecisionsListed!.Freshness
            .ShouldBe(page.Freshness with { Mode = ReadMode.Cached, AgeMilliseconds = 12 });
    }

    [Fact]
    public void A_page_ends_before_it_is_too_large()
    {
        for (var number = 0; number < 10; number++)
        {
            _bench.Propose($"k{number}", new string('v', 64 * 1024));
        }
        var page = _bench.Machine.List(new ListDecisions()).DecisionsListed!;
        (page.Decisions.Count, page.IsTruncated).ShouldBe((7, true));
        _bench.Machine.ReadEvents(new() { FromNumber = 2 }).DecisionEventsRead!.Events
            .Select(one => one.Event.Number).ShouldBe([2, 3, 4, 5, 6, 7, 8]);
    }

    [Fact]
    public void Events_are_read_from_any_number_that_is_kept()
    {
        var bench = new DecisionBench(new() { MaxKeptEvents = 2 });
        foreach (var key in new[] { "a", "b", "c" })
        {
            bench.Propose(key, "v");
        }
        bench.Restart();
        var read = bench.Machine.ReadEvents(new() { FromNumber = 2 }).DecisionEventsRead!;
        read.Events.Select(one => (one.Event.Number, one.Decision.Key)).ShouldBe([(2, "b"), (3, "c")]);
        (read.Head, read.IsTrimmed, read.Group).ShouldBe((3, false, "decisions"));
        bench.Machine.ReadEvents(new() { FromNumber = 1 }).DecisionEventsRead!.IsTrimmed.ShouldBeTrue();
        bench.Machine.ReadEvents(new() { FromNumber = 0 }).DecisionRefused!.Reason
            .ShouldBe(DecisionRefusal.QueryInvalid);
    }

    private IEnumerable<string> Keys(ListDecisions query) =>
        _bench.Machine.List(query).DecisionsListed!.Decisions.Select(decision => decision.Key);
}
