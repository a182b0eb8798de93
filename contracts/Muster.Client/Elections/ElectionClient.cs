using System.Runtime.CompilerServices;
using Muster.Contracts;
using Muster.Contracts.Lock;

namespace Muster.Client;

/// <summary>The calls of <see cref="IElections"/>.</summary>
internal sealed class ElectionClient(ClientCore core, Acquiring acquiring) : IElections
{
    public async Task<ILeadership> CampaignAsync(
        string election, string value, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        GivenText.Check(election);
        GivenText.Check(value);
        Sizes.ThrowIfAbove(
            "value", value.Length, Sizes.MaxElectionValueCharacters, "characters", nameof(value));
        var limit = timeout == Timeout.InfiniteTimeSpan ? null : timeout;
        var held = await acquiring.RunAsync(Claim.Election(election, value), limit, cancellationToken)
            .ConfigureAwait(false);
        return held is not null
            ? new Leadership(core, election, held)
            : throw new TimeoutException($"Election {election} is not won within {timeout}.");
    }

    public async Task<ElectionView> GetLeaderAsync(string election, CancellationToken cancellationToken)
    {
        GivenText.Check(election);
        var reply = await core.AskAsync(
            $"Election {election}",
            id => new LockCommand
            {
                ObserveLeader = new ObserveLeader { CommandId = id, Election = election },
            },
            cancellationToken).ConfigureAwait(false);
        var observed = reply.LeaderObserved ?? throw CallKinds.ToException(reply.LockRefused);
        return new ElectionView
        {
            Election = election,
            Leader = observed.Leader,
            Epoch = observed.Freshness.Epoch,
            Index = observed.Freshness.Index,
        };
    }

    public IAsyncEnumerable<ElectionView> ObserveAsync(string election, CancellationToken cancellationToken)
    {
        GivenText.Check(election);
        core.RequireEvents();
        return RunAsync(election, cancellationToken);
    }

    private async IAsyncEnumerable<ElectionView> RunAsync(
        string election, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var views = new Mailbox<ElectionView>();
        core.Step(parts => parts.Elections.Add(election, views));
        core.Start();
        try
        {
            await foreach (var view in views.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                yield return view;
            }
        }
        finally
        {
            core.StepUnlessClosed(parts => parts.Elections.Remove(election, views));
        }
    }
}
