using Muster.Client;
using Muster.Contracts;
using Muster.Contracts.Lock;
using Shouldly;
using Xunit;

namespace Muster.Locking;

/// <summary>What <see cref="IElections"/> promises of a leader's value.</summary>
public abstract class ElectionSuite : Suite
{
    [Fact]
    public async Task A_leader_proclaims_another_value_and_leads_on_and_observers_are_told()
    {
        var election = NewName("proclaim");
        await using var leader = await Ann.Elections.CampaignAsync(election, "first", Patience, Cancelled);
        var (campaign, token) = (leader.CampaignId, leader.FencingToken);
        var standing = Bob.Elections.CampaignAsync(election, "bob", Patience, Cancelled);
        await WaitsAsync(LockGroups.LockOfElection(election));
        await using var views = Bob.Elections.ObserveAsync(election, Cancelled)
            .GetAsyncEnumerator(Cancelled);
        (await NextAsync(views)).ShouldBe((campaign, token, "first"));

        await leader.ProclaimAsync("second", Cancelled);

        (await NextAsync(views)).ShouldBe((campaign, token, "second"));
        Of(await Bob.Elections.GetLeaderAsync(election, Cancelled)).ShouldBe((campaign, token, "second"));
        (leader.Value, leader.FencingToken, leader.IsLost).ShouldBe(("second", token, false));
        standing.IsCompleted.ShouldBeFalse();

        await leader.DisposeAsync();
        await using var next = await standing;
        next.FencingToken.ShouldBeGreaterThan(token);
        (await NextAsync(views)).ShouldBe((next.CampaignId, next.FencingToken, "bob"));
        var refused = await Should.ThrowAsync<MusterRefusedException>(
            () => leader.ProclaimAsync("third", Cancelled));
        refused.Reason.ShouldBe(LockRefusal.NotHeld);
        Of(await Ann.Elections.GetLeaderAsync(election, Cancelled)).Value.ShouldBe("bob");
    }

    [Fact]
    public async Task A_leader_whose_election_was_broken_proclaims_nothing_and_knows_then_that_it_is_none()
    {
        var election = NewName("broken");
        await using var leader = await Ann.Elections.CampaignAsync(election, "first", Patience, Cancelled);
        await Bob.Locks.BreakAsync(LockGroups.LockOfElection(election), "stuck", Cancelled);

        // Whether the loss is known here by now or not.
        var refused = await Should.ThrowAsync<MusterRefusedException>(
            () => leader.ProclaimAsync("second", Cancelled));

        refused.Reason.ShouldBe(LockRefusal.NotHeld);
        (leader.IsLost, leader.Value).ShouldBe((true, "first"));
        (await Bob.Elections.GetLeaderAsync(election, Cancelled)).Leader.ShouldBeNull();
    }

    private static async Task<(string CampaignId, FencingToken Token, string Value)> NextAsync(
        IAsyncEnumerator<ElectionView> views)
    {
        (await views.MoveNextAsync().AsTask().WaitAsync(Patience, TimeProvider.System, Cancelled))
            .ShouldBeTrue();
        return Of(views.Current);
    }

    private static (string CampaignId, FencingToken Token, string Value) Of(ElectionView view) =>
        view.Leader is { } leader ? (leader.CampaignId, leader.FencingToken, leader.Value) : default;
}
