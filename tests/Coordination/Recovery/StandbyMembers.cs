using System.Globalization;
using Muster.Broker;
using Muster.Cluster;
using Muster.Contracts.Recovery;
using Shouldly;

namespace Muster.Coordination.Tests.Recovery;

/// <summary>The processes of one standby group, of which the primary is killed again and again.</summary>
internal sealed class StandbyMembers : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly Dictionary<string, ServiceProcess> _members = new(StringComparer.Ordinal);
    private readonly MusterCluster _cluster;
    private readonly string _group;
    private int _joined;

    private StandbyMembers(MusterCluster cluster, string group) => (_cluster, _group) = (cluster, group);

    public static async Task<StandbyMembers> JoinAsync(MusterCluster cluster, string group, int count)
    {
        var members = new StandbyMembers(cluster, group);
        for (var number = 0; number < count; number++)
        {
            await members.JoinAsync();
        }
        return members;
    }

    public async Task JoinAsync()
    {
        var name = $"{_group}-{(++_joined).ToString(CultureInfo.InvariantCulture)}";
        _members[name] = await WorkerProcess.StartStandbyAsync(_cluster, name, _group, Pause);
    }

    public async Task<string> PrimaryAsync() =>
        (await Stack.AskAsync(
            _cluster, new RecoverState { CommandId = Guid.NewGuid().ToString("N"), Group = _group }))
        .Read<StateRecovered>().Group.Primary;

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync(string member)
    {
        _members.Remove(member, out var process).ShouldBeTrue($"'{member}' leads");
        process!.Kill9();
        await process.DisposeAsync();
    }

    /// <summary>Waits until the group is recovered from the death of this member.</summary>
    public Task RecoveredAsync(string primary) => Until.TrueAsync(
        async () => await ReadLogAsync() is var log
            && log.Count(item => item.RecoveryCompleted is not null)
            == log.Count(item => item.RecoveryStarted is not null)
            && log.Any(item => item.RecoveryStarted?.FailedMember == primary),
        MusterCluster.Patience, () => $"the recovery of {primary} finishes");

    /// <summary>The group's part of the recovery's event log.</summary>
    public async Task<IReadOnlyList<RecoveryEvent>> ReadLogAsync()
    {
        var events = new List<RecoveryEvent>();
        while (true)
        {
            var read = (await Stack.AskAsync(_cluster, new ReadRecoveryEvents
            {
                CommandId = Guid.NewGuid().ToString("N"),
                FromNumber = events.Count + 1,
            })).Read<RecoveryEventsRead>();
            read.IsTrimmed.ShouldBeFalse();
            events.AddRange(read.Events);
            if (events.Count >= read.Head)
            {
                return [.. events.Where(item => GroupOf(item) == _group)];
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var member in _members.Values)
        {
            await member.DisposeAsync();
        }
    }

    private static string? GroupOf(RecoveryEvent item) =>
        item.RecoveryStarted?.Group ?? item.RecoveryCompleted?.Group ?? item.RecoveryFailed?.Group
        ?? item.StandbyPromoted?.Group;
}
