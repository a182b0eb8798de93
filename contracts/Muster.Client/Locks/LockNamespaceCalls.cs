using Muster.Contracts.Lock;

namespace Muster.Client;

/// <summary>An operator's calls about namespaces, which every lock group is sent.</summary>
internal sealed class LockNamespaceCalls(ClientCore core)
{
    private const int PageSize = 500;

    /// <returns>How many groups there are.</returns>
    public async Task<int> SetLimitsAsync(
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
        }, cancellationToken, result: _ => null).ConfigureAwait(false);
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
