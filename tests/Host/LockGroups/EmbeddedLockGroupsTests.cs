using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Muster.Broker;
using Muster.Bus;
using Muster.Client;
using Muster.Contracts.Consensus;
using Muster.Contracts.Lock;
using Muster.Contracts.Recovery;
using Muster.Host.Embedded;
using Muster.Host.Tests.Decisions;
using Muster.Hosting;
using Shouldly;
using Xunit;
using Groups = Muster.Contracts.Lock.LockGroups;

namespace Muster.Host.Tests.LockGroups;

/// <summary>Four lock groups in the embedded host: the client, bare commands, backups, a restart.</summary>
public sealed class EmbeddedLockGroupsTests : IAsyncLifetime
{
    private const int Number = 4;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _folder = Scratch.NewFolder("lock-groups");
    private IHost? _host;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>Some of each group.</summary>
    private static IReadOnlyList<string> Names { get; } =
        [.. Enumerable.Range(0, 24).Select(number => $"jobs/{number}")];

    public ValueTask InitializeAsync() => new(StartAsync());

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.StopAsync(CancellationToken.None);
            _host.Dispose();
        }
    }

    [Fact]
    public async Task Locks_and_leaderships_exclude_in_every_group()
    {
        Names.Select(name => Groups.OfLock(name, Number)).Distinct().Count().ShouldBe(Number);
        await using var ann = NewClient("ann");
        await using var bob = NewClient("bob");

        var held = await Task.WhenAll(
            Names.Select(name => ann.Locks.AcquireAsync(name, Patience, Cancelled).AsTask()));
        var leader = await ann.Elections.CampaignAsync("leader", "ann", Patience, Cancelled);

        foreach (var name in Names)
        {
            (await bob.Locks.TryAcquireAsync(name, cancellationToken: Cancelled)).ShouldBeNull();
            var described = await bob.Locks.DescribeAsync(name, Cancelled);
            Groups.OfSession(described.Holders[0].SessionId, Number).ShouldBe(Groups.OfLock(name, Number));
        }
        (await bob.Elections.GetLeaderAsync("leader", Cancelled)).Leader!.Value.ShouldBe("ann");
        var waiting = Names
            .Select(name => bob.Locks.AcquireAsync(name, Patience, Cancelled).AsTask()).ToList();
        var standing = bob.Elections.CampaignAsync("leader", "bob", Patience, Cancelled);
        await Task.WhenAll(held.Select(handle => handle.DisposeAsync().AsTask()));
        await leader.DisposeAsync();
        foreach (var (mine, before) in (await Task.WhenAll(waiting)).Zip(held))
        {
            mine.FencingToken.ShouldBeGreaterThan(before.FencingToken);
            mine.IsLost.ShouldBeFalse();
        }
        (await standing).IsLost.ShouldBeFalse();
    }

    [Fact]
    public async Task Bare_commands_say_where_their_session_is_and_are_told_when_it_is_elsewhere()
    {
        var (name, number) = ("jobs/nightly", Groups.OfLock("jobs/nightly", Number));
        var refused = await RefusedAsync(new OpenSession { CommandId = "c1", SessionId = "s" });
        (refused.Reason, refused.Groups).ShouldBe((LockRefusal.WrongGroup, Number));
        refused.Message.ShouldContain("begin with '0:'");

        var opened = await AskAsync<OpenSession, SessionOpened>(
            new() { CommandId = "c2", SessionId = $"{number}:s" });
        opened.Groups.ShouldBe(Number);
        await AskAsync<OpenSession, SessionOpened>(new() { CommandId = "c3", SessionId = "0:s" });
        refused = await RefusedAsync(new AcquireLock { CommandId = "c4", SessionId = "0:s", Name = name });
        (refused.Reason, refused.Groups).ShouldBe((LockRefusal.WrongGroup, Number));
        (await AskAsync<AcquireLock, LockGranted>(
            new() { CommandId = "c5", SessionId = $"{number}:s", Name = name })).Name.ShouldBe(name);

        refused = await RefusedAsync(new ReadLockEvents { CommandId = "c6" });
        refused.Reason.ShouldBe(LockRefusal.WrongGroup);
        refused.Message.ShouldContain("lock, lock-1, lock-2, lock-3");
        var read = await AskAsync<ReadLockEvents, LockEventsRead>(
            new() { CommandId = "c7", Group = Groups.NameOf(number) });
        (read.Group, read.Events.Single().LockGranted!.Event!.Group)
            .ShouldBe((Groups.NameOf(number), Groups.NameOf(number)));
        (await AskAsync<BreakLock, LockBroken>(new() { CommandId = "c8", Name = name })).WasHeld
            .ShouldBeTrue();
    }

    [Fact]
    public async Task A_backup_has_every_group_and_a_restoration_brings_all_of_their_locks_back()
    {
        await using var ann = NewClient("ann");
        var held = await Task.WhenAll(
            Names.Select(name => ann.Locks.AcquireAsync(name, Patience, Cancelled).AsTask()));
        var holders = await HoldersAsync(ann);

        var backup = (await AskAsync<BackupNow, BackupCompleted>(new() { CommandId = "backup" })).Backup;
        backup.Groups.Select(group => group.Group).Order(StringComparer.Ordinal).ShouldBe(
            ["decisions", "detector", "lock", "lock-1", "lock-2", "lock-3", "recovery", "registry"]);
        // Gone for good, so that nobody gives back what the restoration brings.
        await ann.DisposeAsync();
        await using var bob = NewClient("bob");
        (await HoldersAsync(bob)).ShouldAllBe(holder => holder == "");
        var restored = await AskAsync<Restore, RestoreCompleted>(
            new() { CommandId = "restore", Backup = backup.Name, Groups = [.. Groups.NamesOf(Number)] });

        restored.Groups.Select(group => group.Group).ShouldBe(Groups.NamesOf(Number), ignoreOrder: true);
        (await HoldersAsync(bob)).ShouldBe(holders);
        var broken = await bob.Locks.BreakAsync(Names[0], cancellationToken: Cancelled);
        broken.BrokenToken.ShouldBe(held[0].FencingToken);
        var floor = restored.Groups.Single(
            group => group.Group == Groups.NameOf(Groups.OfLock(Names[0], Number))).TokenFloor;
        broken.FencingToken.ShouldBeGreaterThan(floor);
    }

    /// <summary>Also one that knows nothing of the other groups: all meet the first one's log.</summary>
    [Fact]
    public async Task Another_number_is_refused_at_the_next_start_and_the_first_one_finds_its_locks()
    {
        long token;
        await using (var ann = NewClient("ann"))
        {
            await using var handle = await ann.Locks.AcquireAsync(Names[0], Patience, Cancelled);
            token = handle.FencingToken.Value;
        }
        await DisposeAsync();

        foreach (var other in new[] { 1, 2, 8 })
        {
            var exit = await RunUntilItEndsAsync(other);

            exit.Code.ShouldBe(ProcessExit.Refused);
            exit.Refusal.ShouldContain($"founded for {Number} lock groups, and Lock:Groups is {other}.");
        }

        await StartAsync("--Consensus:LockGroups=8");
        await using var bob = NewClient("bob");
        await using var again = await bob.Locks.AcquireAsync(Names[0], Patience, Cancelled);
        again.FencingToken.Value.ShouldBe(token + 1);
    }

    /// <summary>Every process ends at the entry, and started again serves what it can.</summary>
    [Fact]
    public async Task A_group_that_is_halted_at_the_start_holds_up_itself_alone()
    {
        var (halted, others) = (2, Names.Where(name => Groups.OfLock(name, Number) != 2).ToList());
        await PoisonAsync(Groups.NameOf(halted));
        await DisposeAsync();

        _host = Build(Number);
        await _host.StartAsync(Cancelled);

        await using var ann = NewClient("ann", TimeSpan.FromSeconds(2));
        foreach (var name in others)
        {
            await using var handle = await ann.Locks.AcquireAsync(name, Patience, Cancelled);
        }
        var away = Names.First(name => Groups.OfLock(name, Number) == halted);
        await Should.ThrowAsync<TimeoutException>(
            () => ann.Locks.TryAcquireAsync(away, cancellationToken: Cancelled).AsTask());
        var health = _host.Services.GetServices<IHealthSource>()
            .Single(source => source.Name.StartsWith("lock a.", StringComparison.Ordinal));
        health.IsReady.ShouldBeFalse();
        health.Detail.ShouldContain("lock-2 ");
        health.Detail.ShouldContain("lock-1 follows n");
    }

    [Theory]
    [InlineData("0")]
    [InlineData("33")]
    public void A_number_that_cannot_be_is_refused_by_its_name(string number) =>
        Should.Throw<StartRefusedException>(() => EmbeddedHost.Build(
            Scratch.NewFolder("lock-groups"), [$"--Lock:Groups={number}"], LogLevel.None))
            .Message.ShouldBe($"Lock:Groups is {number}: 1 to 32.");

    [Fact]
    public void Health_status_and_metrics_tell_of_each_group()
    {
        var health = _host!.Services.GetServices<IHealthSource>()
            .Single(source => source.Name.StartsWith("lock a.", StringComparison.Ordinal));
        foreach (var group in Groups.NamesOf(Number))
        {
            health.Detail.ShouldContain($"{group} follows n");
        }
        _host.Services.GetServices<IMetricSource>().SelectMany(source => source.ReadMetrics())
            .Select(reading => $"{reading.Metric.Name} {string.Join(' ', reading.Labels)}")
            .GroupBy(series => series).Where(series => series.Count() > 1).ShouldBeEmpty();
    }

    private static async Task<List<string>> HoldersAsync(MusterClient client)
    {
        var holders = new List<string>();
        foreach (var name in Names)
        {
            var described = await client.Locks.DescribeAsync(name, Cancelled);
            holders.Add(described.Holders.SingleOrDefault()?.AcquireId ?? "");
        }
        return holders;
    }

    private async Task StartAsync(params string[] arguments)
    {
        _host = Build(Number, arguments);
        await _host.StartAsync(Cancelled);
        await NodesOfOneProcess.UntilAsync(
            () => _host.Services.GetServices<IHealthSource>().All(source => source.IsReady),
            () => string.Join("; ", _host.Services.GetServices<IHealthSource>()
                .Where(source => !source.IsReady).Select(source => $"{source.Name}: {source.Detail}")));
    }

    private IHost Build(int groups, params string[] arguments) => EmbeddedHost.Build(
        _folder, ["--Health:Url=http://127.0.0.1:0", $"--Lock:Groups={groups}", .. arguments], LogLevel.None);

    private async Task<ProcessExit> RunUntilItEndsAsync(int groups)
    {
        using var host = Build(groups, "--Consensus:LockGroups=8");
        var stopping = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        host.Services.GetRequiredService<IHostApplicationLifetime>()
            .ApplicationStopping.Register(stopping.SetResult);
        await host.StartAsync(Cancelled);
        await stopping.Task.WaitAsync(Patience, TimeProvider.System, Cancelled);
        await host.StopAsync(CancellationToken.None);
        return host.Services.GetRequiredService<ProcessExit>();
    }

    /// <summary>
    /// Proposes what no machine can read, as a replica does, until it ends the process: a leader may not be
    /// known yet.
    /// </summary>
    private async Task PoisonAsync(string group)
    {
        var stopping = _host!.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        var links = _host.Services.GetRequiredService<ILinkFactory>();
        await using var link = links.Create(new()
        {
            Address = "poison",
            OnMessage = _ => { },
            Publishes = [links.Names.AllConsensusNodes],
        });
        await link.StartAsync(Cancelled);
        var poison = new ProposeEntries { Group = group, ProposalId = "poison", Payloads = [[255]] };
        await NodesOfOneProcess.UntilAsync(
            () =>
            {
                link.Publish(links.Names.AllConsensusNodes, poison);
                return stopping.IsCancellationRequested;
            },
            () => "the process ends");
    }

    private MusterClient NewClient(string owner, TimeSpan? callTimeout = null) => new(
        new()
        {
            Owner = owner,
            HeartbeatInterval = TimeSpan.Zero,
            CallTimeout = callTimeout ?? TimeSpan.FromSeconds(10),
        },
        _host!.Services.GetRequiredService<ILinkFactory>());

    private async Task<TAnswer> AskAsync<TQuestion, TAnswer>(TQuestion question)
        where TQuestion : class
        where TAnswer : class =>
        (await _host!.Services.GetRequiredService<IBus>().CreateRequestClient<TQuestion>(Patience)
            .GetResponse<TAnswer>(question, Cancelled)).Message;

    private Task<LockRefused> RefusedAsync<TQuestion>(TQuestion question)
        where TQuestion : class => AskAsync<TQuestion, LockRefused>(question);
}
