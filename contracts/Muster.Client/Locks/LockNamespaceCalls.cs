using Muster.Contracts.Lock;

namespace Muster.Client;

/// <summary>An operator's calls about namespaces, which every lock group is sent.</summary>
internal sealed class LockNamespaceCalls(ClientCore core)
{
    private const int PageSize = 500;

    /// <summary>Of one group after the other, from this one on.</summary>
    public async Task SetLimitsAsync(
        string name, NamespaceLimits limits, int first, CancellationToken cancellationToken)
    {
        // The first one's answer says how many groups there are; each has the command under its own id.
        var groups = first + 1;
        for (var number = first; number < groups; number++)
        {
            try
            {
                groups = await SetLimitsAsync(number, name, limits, cancellationToken).ConfigureAwait(false);
            }
            catch (MusterUnknownException unknown)
            {
                var group = number;
                throw new MusterUnknownException(
                    unknown.CommandId, unknown.Message,
                    cancellation => ResolveAsync(unknown, group, name, limits, cancellation));
            }
        }
    }

    /// <summary>Learns of the one group, and goes on with those behind it.</summary>
    private async Task<ResolvedOutcome> ResolveAsync(
        MusterUnknownException unknown, int group, string name, NamespaceLimits limits,
        CancellationToken cancellationToken)
    {
        var outcome = await unknown.ResolveAsync(cancellationToken).ConfigureAwait(false);
        if (outcome.Kind != OutcomeKind.Done)
        {
            return group == 0 ? outcome : new()
            {
                Kind = outcome.Kind == OutcomeKind.Forgotten ? OutcomeKind.Forgotten : OutcomeKind.Partly,
                Refusal = outcome.Refusal,
                Message = Reached(group, outcome.Refusal?.Message ?? outcome.Message),
            };
        }
        if (group + 1 >= outcome.ResultAs<int>())
        {
            return new() { Kind = OutcomeKind.Done };
        }
        try
        {
            await SetLimitsAsync(name, limits, group + 1, cancellationToken).ConfigureAwait(false);
            return new() { Kind = OutcomeKind.Done };
        }
        catch (MusterRefusedException refusal)
        {
            return new()
            {
                Kind = OutcomeKind.Partly,
                Refusal = refusal,
                Message = Reached(group + 1, refusal.Message),
            };
        }
        catch (MusterUnknownException next)
        {
            return await next.ResolveAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private static string Reached(int done, string why) =>
        $"{done} lock groups or more have the limits, and not all. {why}";

    /// <returns>How many groups there are.</returns>
    private async Task<int> SetLimitsAsync(
        int group, string name, NamespaceLimits limits, CancellationToken cancellationToken)
    {
        var reply = await core.AskAsync($"Limits of namespace '{name}'", id => new LockCommand
        {
            SetNamespaceLimits = new SetNamespaceLimits
            {
                CommandId = id,
                GroupNumber = group,
                Namespace = name,
                Limits = limits,
            },
        }, cancellationToken, result: reply => reply.NamespaceLimitsSet?.Groups ?? 1).ConfigureAwait(false);
        return (reply.NamespaceLimitsSet ?? throw CallKinds.ToException(reply.LockRefused)).Groups;
    }

    public IAsyncEnumerable<NamespaceDescription> ReadAsync(CancellationToken cancellationToken) =>
        new GroupPages<NamespaceDescription>(
            description => description.Namespace,
            (group, after, cancellation) => PageAsync(group, after?.Namespace, cancellation))
            .ReadAsync(cancellationToken);

    private async Task<GroupPage<NamespaceDescription>> PageAsync(
        int group, string? after, CancellationToken cancellationToken)
    {
        var reply = await core.AskAsync("Listing namespaces", id => new LockCommand
        {
            DescribeNamespaces = new DescribeNamespaces
            {
                CommandId = id,
                GroupNumber = group,
                After = after,
                Limit = PageSize,
            },
        }, cancellationToken).ConfigureAwait(false);
        var page = reply.NamespacesDescribed ?? throw CallKinds.ToException(reply.LockRefused);
        return new(page.Namespaces, page.HasMore, page.Groups);
    }
}
