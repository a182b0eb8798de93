using Muster.Broker;
using Muster.Contracts;
using Muster.Host.Demo;
using Shouldly;
using Xunit;

namespace Muster.Host.Tests;

/// <summary>The demo's audit can fail, in each of its lines; and its ledger refuses what it must.</summary>
public sealed class AuditTests : IDisposable
{
    private readonly WorkFolder _folder;
    private readonly Ledger _ledger;

    public AuditTests()
    {
        var path = Scratch.NewFolder("audit");
        File.WriteAllText(Path.Combine(path, "a.txt"), "one two  three");
        File.WriteAllText(Path.Combine(path, "b.txt"), "four_4-five");
        _folder = WorkFolder.Open(path);
        _ledger = new Ledger(Path.Combine(Scratch.NewFolder("ledger"), "ledger.db"));
    }

    public void Dispose() => _ledger.Dispose();

    [Fact]
    public void A_good_run_passes()
    {
        DoAll();
        Failed(Good).ShouldBeEmpty();
    }

    [Fact]
    public void An_item_without_a_result_is_lost()
    {
        Refuse("a.txt");
        Write("a.txt", 3, 20);
        Failed(Good).ShouldBe(["items done", "lost"]);
    }

    [Fact]
    public void An_item_with_two_results_is_done_twice()
    {
        DoAll();
        Write("a.txt", 3, 21);
        Failed(Good).ShouldBe(["done twice"]);
    }

    [Fact]
    public void A_wrong_count_is_found()
    {
        Refuse("a.txt");
        Write("a.txt", 4, 20);
        Write("b.txt", 2, 20);
        Failed(Good).ShouldBe(["equal to a plain count"]);
    }

    [Fact]
    public void A_run_without_a_refused_write_proves_nothing()
    {
        Write("a.txt", 3, 20);
        Write("b.txt", 2, 20);
        Failed(Good).ShouldBe(["stale writes refused"]);
    }

    [Fact]
    public void A_run_without_a_hand_over_by_expiry_proves_nothing()
    {
        DoAll();
        Failed(Good with { HandOversByExpiry = 0 }).ShouldBe(["hand-overs by expiry"]);
    }

    [Fact]
    public void A_run_with_nodes_of_its_own_and_without_an_election_proves_nothing()
    {
        DoAll();
        Failed(Good with { HasNodes = true }).ShouldBe(["elections under load"]);
        Failed(Good with { HasNodes = true, Elections = 1 }).ShouldBeEmpty();
    }

    [Fact]
    public void The_ledger_refuses_a_token_older_than_one_it_was_shown_and_notes_what_it_would_have_done()
    {
        _ledger.Enter("a.txt", new FencingToken(7)).ShouldBeFalse();
        _ledger.Enter("a.txt", new FencingToken(8)).ShouldBeFalse();
        _ledger.TryWrite("a.txt", 3, new FencingToken(7), "old").ShouldBeFalse();
        _ledger.TryWrite("a.txt", 3, new FencingToken(8), "new").ShouldBeTrue();
        _ledger.TryWrite("a.txt", 3, new FencingToken(7), "old").ShouldBeFalse();

        _ledger.Results().Select(result => (result.Item, result.Token, result.Worker))
            .ShouldBe([("a.txt", 8, "new")]);
        _ledger.Refusals().Select(refusal => (refusal.Token, refusal.Fence, refusal.WasDone))
            .ShouldBe([(7, 8, false), (7, 8, true)]);
        _ledger.Enter("a.txt", new FencingToken(9)).ShouldBeTrue();
    }

    [Fact]
    public void A_worker_that_did_not_meet_the_team_is_found()
    {
        DoAll();
        Failed(Good with { Team = Team with { Met = 2 } }).ShouldBe(["workers found each other"]);
    }

    [Fact]
    public void A_killed_leader_without_a_verdict_is_found()
    {
        DoAll();
        Failed(Good with { Failed = [] }).ShouldBe(["killed leader held for failed"]);
    }

    [Fact]
    public void A_verdict_on_a_worker_that_nothing_happened_to_is_found_and_one_on_the_paused_is_none()
    {
        DoAll();
        Failed(Good with { Failed = ["w1", "w3"] }).ShouldBe(["others held for failed"]);
        Failed(Good with { Failed = ["w1", "w2"] }).ShouldBeEmpty();
    }

    [Fact]
    public void A_run_without_a_promotion_or_with_one_of_the_dead_is_found()
    {
        DoAll();
        Failed(Good with { Promoted = [] }).ShouldBe(["standby promoted"]);
        Failed(Good with { Promoted = ["w1"] }).ShouldBe(["standby promoted"]);
    }

    [Fact]
    public void A_leader_without_a_successor_or_with_an_older_token_after_it_is_found()
    {
        DoAll();
        Failed(Good with { Team = Team with { Leaders = [("w1", 5)] } })
            .ShouldBe(["leaders, each with a greater token"]);
        Failed(Good with { Team = Team with { Leaders = [("w1", 5), ("w3", 5)] } })
            .ShouldBe(["leaders, each with a greater token"]);
    }

    [Fact]
    public void A_survivor_that_the_changed_rate_did_not_reach_is_found()
    {
        DoAll();
        Failed(Good with { Team = Team with { Paced = ["w2"] } }).ShouldBe(["changed rate reached"]);
    }

    private static TeamObservations Team => new()
    {
        Workers = ["w1", "w2", "w3"],
        Killed = "w1",
        Paused = "w2",
        Met = 3,
        Leaders = [("w1", 5), ("w3", 9)],
        Paced = ["w2", "w3"],
    };

    private static DemoObservations Good => new()
    {
        HandOversByExpiry = 1,
        Team = Team,
        Failed = ["w1"],
        Promoted = ["w3"],
    };

    private void DoAll()
    {
        Refuse("a.txt");
        Write("a.txt", 3, 20);
        Write("b.txt", 2, 20);
    }

    private void Refuse(string item)
    {
        _ledger.Enter(item, new FencingToken(10));
        _ledger.TryWrite(item, 1, new FencingToken(9), "stale").ShouldBeFalse();
    }

    private void Write(string item, long words, long token) =>
        _ledger.TryWrite(item, words, new FencingToken(token), "worker").ShouldBeTrue();

    private IEnumerable<string> Failed(DemoObservations seen) =>
        Audit.Of(_folder, _ledger, seen).Lines.Where(line => !line.IsOk).Select(line => line.Name);
}
