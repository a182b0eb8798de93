using System.Text;
using Muster.Contracts.Decisions;

namespace Muster.Client;

/// <summary>The calls of <see cref="IDecisions"/>.</summary>
internal sealed class DecisionClient(ClientCore core) : IDecisions
{
    public async Task<ValueProposed> ProposeAsync(
        string key, string value, string? commandId, CancellationToken cancellationToken)
    {
        GivenText.Check(key);
        GivenText.Check(value);
        GivenText.Check(commandId ?? "", nameof(commandId));
        Sizes.ThrowIfAbove(
            "value", Encoding.UTF8.GetByteCount(value), Sizes.MaxValueBytes, "bytes of UTF-8", nameof(value));
        var reply = await core.AskAsync(
            $"Proposing {key}",
            id => new DecisionCommand
            {
                ProposeValue = new ProposeValue
                {
                    CommandId = id,
                    Key = key,
                    Value = value,
                    Proposer = core.Options.Owner,
                },
            },
            cancellationToken,
            Sizes.OnWire(value),
            reply => reply.ValueProposed,
            commandId).ConfigureAwait(false);
        return reply.ValueProposed ?? throw CallKinds.ToException(reply.DecisionRefused);
    }

    public async Task<Decision?> GetAsync(string key, CancellationToken cancellationToken)
    {
        GivenText.Check(key);
        var reply = await core.AskAsync(
            $"Reading {key}",
            id => new DecisionCommand { GetDecision = new GetDecision { CommandId = id, Key = key } },
            cancellationToken).ConfigureAwait(false);
        return (reply.DecisionRead ?? throw CallKinds.ToException(reply.DecisionRefused)).Decision;
    }

    public async Task<IReadOnlyList<Decision>> ListAsync(string prefix, CancellationToken cancellationToken)
    {
        GivenText.Check(prefix);
        var decisions = new List<Decision>();
        while (true)
        {
            var after = decisions.Count > 0 ? decisions[^1].Key : "";
            var reply = await core.AskAsync(
                $"Listing {prefix}",
                id => new DecisionCommand
                {
                    ListDecisions = new ListDecisions { CommandId = id, Prefix = prefix, After = after },
                },
                cancellationToken).ConfigureAwait(false);
            var page = reply.DecisionsListed ?? throw CallKinds.ToException(reply.DecisionRefused);
            decisions.AddRange(page.Decisions);
            if (!page.IsTruncated || page.Decisions.Count == 0)
            {
                return decisions;
            }
        }
    }
}
