using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Muster.Client;
using Muster.Cluster;
using Muster.Contracts.Recovery;
using Muster.Contracts.Registry;
using Shouldly;

namespace Muster.Coordination.Tests.Backups;

/// <summary>
/// Writes to every service and reads it back. Its client lives on over every loss: with a watch of the
/// configuration and views of a service.
/// </summary>
internal sealed class Content : IAsyncDisposable
{
    private const int FewKeys = 5;

    // Instances and members that no heartbeat keeps and no failure takes: what is there was restored.
    private const long ForeverMilliseconds = 86_400_000;

    private readonly MusterCluster _cluster;
    private readonly MusterClient _client;
    private readonly CancellationTokenSource _ending = new();
    private readonly ConcurrentDictionary<string, string> _watched = new(StringComparer.Ordinal);
    private readonly string _run = Guid.NewGuid().ToString("N")[..6];
    private readonly Task _watching;
    private int _written;

    private Content(MusterCluster cluster)
    {
        _cluster = cluster;
        _client = cluster.NewClient("content", callTimeout: MusterCluster.Patience);
        _watching = Task.Run(WatchAsync);
    }

    private string Prefix => $"backup/{_run}/";

    private string Service => $"backup-{_run}";

    private string Group => $"backup-{_run}";

    public static async Task<Content> StartAsync(MusterCluster cluster)
    {
        var content = new Content(cluster);
        await content._client.ConnectAsync();
        return content;
    }

    public async Task WriteAsync()
    {
        for (var i = 0; i < FewKeys; i++)
        {
            await _client.Config.PutAsync(KeyOf(i), $"value {i.ToString(CultureInfo.InvariantCulture)}");
        }
        await _client.Config.DeleteAsync(KeyOf(0));
        await RegisterAsync("a");
        await RegisterAsync("b");
        await using var held = await _client.Locks.AcquireAsync(Prefix + "held");
        await UpdateStateAsync();
        (await _client.Services.ResolveAsync(Service)).Instances.Count.ShouldBe(2);
    }

    /// <summary>What no backup has: a key over, a key more, a key less, an instance, a version of the
    /// state.</summary>
    public async Task WriteMoreAsync()
    {
        var number = (++_written).ToString(CultureInfo.InvariantCulture);
        await _client.Config.PutAsync(KeyOf(1), $"other {number}");
        await _client.Config.PutAsync(Prefix + $"more {number}", number);
        await _client.Config.DeleteAsync(KeyOf(2));
        await RegisterAsync("more-" + number);
        await UpdateStateAsync();
    }

    public async Task<ContentRead> ReadAsync()
    {
        var keys = await ReadConfigAsync();
        var resolved = await _client.Services.ResolveAsync(
            Service, new ResolveOptions { Mode = Contracts.ReadMode.Linearizable });
        await using var handle = await _client.Locks.AcquireAsync(Prefix + "held", MusterCluster.Patience);
        return new ContentRead
        {
            Configuration = string.Join(", ", keys),
            Keys = keys.ToDictionary(key => key.Key, key => key.Value),
            Instances = string.Join(", ", resolved.Instances.Select(instance =>
                $"{instance.InstanceId} at {instance.Host}")),
            State = TextOf(await RecoverAsync()),
            Token = handle.FencingToken,
            ViewEpoch = resolved.Epoch,
        };
    }

    public Task<IReadOnlyList<ConfigValue>> ReadConfigAsync() => _client.Config.ListAsync(Prefix);

    /// <summary>The watch that was opened at the start, and never again, ends with this.</summary>
    public Task WatchShowsAsync(ContentRead content, TimeSpan timeout) => Until.TrueAsync(
        () => _watching.IsFaulted
            || _watched.OrderBy(pair => pair.Key, StringComparer.Ordinal)
                .SequenceEqual(content.Keys.OrderBy(pair => pair.Key, StringComparer.Ordinal)),
        timeout,
        () => $"the watch shows {string.Join(", ", content.Keys)}; now {string.Join(", ", _watched)}; "
            + $"{_watching.Exception}");

    /// <summary>So do the views that are resolved without asking for the newest.</summary>
    public async Task ViewsShowAsync(ContentRead content, ContentRead now, TimeSpan timeout)
    {
        ResolvedService? seen = null;
        await Until.TrueAsync(
            async () =>
            {
                seen = await _client.Services.ResolveAsync(Service);
                return seen.Epoch == now.ViewEpoch && content.Instances == string.Join(
                    ", ", seen.Instances.Select(instance => $"{instance.InstanceId} at {instance.Host}"));
            },
            timeout,
            () => $"the view shows {content.Instances} of epoch {now.ViewEpoch}; now of {seen?.Epoch}: "
                + string.Join(", ", seen?.Instances ?? []));
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _watching;
        await _client.DisposeAsync();
        _ending.Dispose();
    }

    private static string NewId() => Guid.NewGuid().ToString("N");

    private static string TextOf(StateRecovered recovered) =>
        $"{Encoding.UTF8.GetString(recovered.State)} at {recovered.Group.StateVersion} "
        + $"of {recovered.Group.Primary}";

    private string KeyOf(int number) => Prefix + number.ToString(CultureInfo.InvariantCulture);

    private async Task RegisterAsync(string instance) =>
        (await Stack.AskAsync(_cluster, new RegisterInstance
        {
            CommandId = NewId(),
            Service = Service,
            InstanceId = instance,
            LeaseId = NewId(),
            Host = "10.0.0." + instance,
            TtlMilliseconds = ForeverMilliseconds,
        })).Read<InstanceAccepted>();

    private async Task UpdateStateAsync()
    {
        var joined = (await Stack.AskAsync(_cluster, new RegisterStandby
        {
            CommandId = NewId(),
            Group = Group,
            Member = "m1",
            Node = "m1",
            Incarnation = "1",
        })).Read<RecoveryAccepted>();
        (await Stack.AskAsync(_cluster, new ConfirmPromotion
        {
            CommandId = NewId(),
            Group = Group,
            Member = "m1",
            GroupEpoch = joined.Group.GroupEpoch,
        })).Read<RecoveryAccepted>();
        (await Stack.AskAsync(_cluster, new UpdateState
        {
            CommandId = NewId(),
            Group = Group,
            Member = "m1",
            GroupEpoch = joined.Group.GroupEpoch,
            ExpectedVersion = joined.Group.StateVersion,
            State = Encoding.UTF8.GetBytes($"state {_written.ToString(CultureInfo.InvariantCulture)}"),
        })).Read<StateWritten>();
    }

    private async Task<StateRecovered> RecoverAsync() =>
        (await Stack.AskAsync(_cluster, new RecoverState { CommandId = NewId(), Group = Group }))
        .Read<StateRecovered>();

    private async Task WatchAsync()
    {
        try
        {
            await foreach (var change in _client.Config.WatchAsync(Prefix, _ending.Token))
            {
                if (change.Value is { } value)
                {
                    _watched[change.Key] = value;
                }
                else
                {
                    _watched.TryRemove(change.Key, out _);
                }
            }
        }
        catch (OperationCanceledException) when (_ending.IsCancellationRequested)
        {
            // The test is over.
        }
    }
}
