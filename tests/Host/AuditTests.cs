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
    public void A_run_on_the_bus_without_an_election_proves_nothing()
    {
        DoAll();
        Failed(Good with { IsOnBus = true }).ShouldBe(["elections under load"]);
        Failed(Good with { IsOnBus = true, Elections = 1 }).ShouldBeEmpty();
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

    private static DemoObservations Good => new(IsOnBus: false, Elections: 0, HandOversByExpiry: 1);

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
