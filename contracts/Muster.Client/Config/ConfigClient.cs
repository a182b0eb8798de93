using System.Runtime.CompilerServices;
using System.Text;
using Muster.Contracts.Registry;

namespace Muster.Client;

/// <summary>The calls of <see cref="IConfig"/>.</summary>
internal sealed class ConfigClient(ClientCore core) : IConfig
{
    public async Task<ConfigValue?> GetAsync(string key, CancellationToken cancellationToken)
    {
        Sizes.CheckKey(key);
        var reply = await core.AskAsync(
            $"Reading {key}",
            id => new RegistryCommand { GetConfig = new GetConfig { CommandId = id, Key = key } },
            cancellationToken,
            Sizes.OnWire(key)).ConfigureAwait(false);
        var read = reply.ConfigRead ?? throw CallKinds.ToException(reply.RegistryRefused);
        return read.Entry is { } entry ? ConfigValue.Of(entry) : null;
    }

    public async Task<long> PutAsync(
        string key, string value, long? expectedVersion, CancellationToken cancellationToken)
    {
        Sizes.CheckKey(key);
        GivenText.Check(value);
        Sizes.ThrowIfAbove(
            "value", Encoding.UTF8.GetByteCount(value), Sizes.MaxValueBytes, "bytes of UTF-8", nameof(value));
        var reply = await core.AskAsync(
            $"Writing {key}",
            id => new RegistryCommand
            {
                PutConfig = new PutConfig
                {
                    CommandId = id,
                    Key = key,
                    Value = value,
                    ExpectedVersion = expectedVersion,
                },
            },
            cancellationToken,
            Sizes.OnWire(key) + Sizes.OnWire(value),
            reply => reply.ConfigWritten?.Version).ConfigureAwait(false);
        return (reply.ConfigWritten ?? throw CallKinds.ToException(reply.RegistryRefused)).Version;
    }

    public async Task DeleteAsync(string key, long? expectedVersion, CancellationToken cancellationToken)
    {
        Sizes.CheckKey(key);
        var reply = await core.AskAsync(
            $"Deleting {key}",
            id => new RegistryCommand
            {
                DeleteConfig = new DeleteConfig
                {
                    CommandId = id,
                    Key = key,
                    ExpectedVersion = expectedVersion,
                },
            },
            cancellationToken,
            Sizes.OnWire(key),
            _ => null).ConfigureAwait(false);
        if (reply.ConfigWritten is null)
        {
            throw CallKinds.ToException(reply.RegistryRefused);
        }
    }

    public async Task<IReadOnlyList<ConfigValue>> ListAsync(
        string prefix, CancellationToken cancellationToken)
    {
        Sizes.CheckKey(prefix);
        var values = new List<ConfigValue>();
        while (true)
        {
            var after = values.Count > 0 ? values[^1].Key : "";
            var reply = await core.AskAsync(
                $"Listing {prefix}",
                id => new RegistryCommand
                {
                    ListConfig = new ListConfig { CommandId = id, Prefix = prefix, After = after },
                },
                cancellationToken,
                Sizes.OnWire(prefix) + Sizes.OnWire(after)).ConfigureAwait(false);
            var page = reply.ConfigListed ?? throw CallKinds.ToException(reply.RegistryRefused);
            values.AddRange(page.Entries.Select(ConfigValue.Of));
            if (!page.IsTruncated || page.Entries.Count == 0)
            {
                return values;
            }
        }
    }

    public IAsyncEnumerable<ConfigChange> WatchAsync(string prefix, CancellationToken cancellationToken)
    {
        Sizes.CheckKey(prefix);
        core.RequireEvents();
        return RunAsync(prefix, cancellationToken);
    }

    private async IAsyncEnumerable<ConfigChange> RunAsync(
        string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var watch = new ConfigWatch(prefix);
        core.Step(parts => parts.Config.Add(watch));
        core.Start();
        try
        {
            await foreach (var change in watch.Changes.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                yield return change;
            }
        }
        finally
        {
            core.StepUnlessClosed(parts => parts.Config.Remove(watch));
        }
    }
}
