using System.Collections.Concurrent;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Muster.Broker;
using Muster.Bus;
using Muster.Client;
using Muster.Consensus;
using Muster.Contracts;
using Muster.Contracts.Consensus;
using Muster.Contracts.Decisions;
using Muster.Contracts.Recovery;
using Muster.Decisions;
using Muster.Decisions.Consumers;
using Muster.Host.Embedded;
using Muster.Hosting;
using Muster.Serving;
using Shouldly;
using Xunit;

namespace Muster.Host.Tests.Decisions;

/// <summary>Decisions in the embedded host: the client, the endpoint, events, backups, and a halt.</summary>
public sealed class EmbeddedDecisionsTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly IHost _host = EmbeddedHost.Build(
        Scratch.NewFolder("decisions"), ["--Health:Url=http://127.0.0.1:0"], LogLevel.None);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private ILinkFactory Links => _host.Services.GetRequiredService<ILinkFactory>();

    private IEnumerable<IHealthSource> Halves(string name) => _host.Services.GetServices<IHealthSource>()
        .Where(source => source.Name.StartsWith(name, StringComparison.Ordinal));

    public async ValueTask InitializeAsync()
    {
        await _host.StartAsync(Cancelled);
        await NodesOfOneProcess.UntilAsync(
            () => _host.Services.GetServices<IHealthSource>().All(source => source.IsReady),
            () => "all are ready");
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        _host.Dispose();
    }

    [Fact]
    public async Task Clients_and_bare_commands_agree_and_one_event_tells_it()
    {
        var heard = new ConcurrentQueue<ValueDecided>();
        await using var subscriber = Links.Create(new()
        {
            Address = "subscriber",
            OnMessage = message => heard.Enqueue(message.Read<ValueDecided>()),
            Subscriptions = [Links.Names.Exchange(typeof(ValueDecided))],
        });
        await subscriber.StartAsync(Cancelled);
        await using var ann = NewClient("ann");
        await using var bob = NewClient("bob");

        var answers = await Task.WhenAll(
            ann.Decisions.ProposeAsync("leader/7", "ann", cancellationToken: Cancelled),
            bob.Decisions.ProposeAsync("leader/7", "bob", cancellationToken: Cancelled));

        answers[0].Decision.ShouldBe(answers[1].Decision);
        answers.Count(answer => answer.IsOwn).ShouldBe(1);
        var decided = answers[0].Decision;
        decided.Proposer.ShouldBe(decided.Value);
        (await ann.Decisions.GetAsync("leader/7", Cancelled)).ShouldBe(decided);
        (await ann.Decisions.GetAsync("leader/8", Cancelled)).ShouldBeNull();
        (await ann.Decisions.ListAsync("leader/", Cancelled)).ShouldBe([decided]);
        // Under the id of the one that decided it is its own again.
        var owner = decided.Value == "ann" ? ann : bob;
        (await owner.Decisions.ProposeAsync("leader/7", decided.Value, decided.CommandId, Cancelled))
            .IsOwn.ShouldBeTrue();
        var third = await AskAsync<ProposeValue, ValueProposed>(
            new() { CommandId = "bare", Key = "leader/7", Value = "carl" });
        (third.CommandId, third.IsOwn, third.Decision).ShouldBe(("bare", false, decided));
        var cached = await AskAsync<GetDecision, DecisionRead>(
            new() { CommandId = "read", Key = "leader/7", Mode = ReadMode.Cached });
        (cached.Decision, cached.Freshness.Mode).ShouldBe((decided, ReadMode.Cached));
        var events = await AskAsync<ReadDecisionEvents, DecisionEventsRead>(new() { CommandId = "events" });
        events.Events.Select(one => one.Decision).ShouldBe([decided]);
        await NodesOfOneProcess.UntilAsync(() => !heard.IsEmpty, () => "the event is heard");
        heard.Select(one => one.Event.Number).Distinct().ShouldBe([1]);
        heard.ShouldAllBe(one => one.Decision == decided);
    }

    /// <summary>The node and the replica beside it both report on the group.</summary>
    [Fact]
    public void No_two_metrics_are_one_series() =>
        _host.Services.GetServices<IMetricSource>().SelectMany(source => source.ReadMetrics())
            .Select(reading => $"{reading.Metric.Name} {string.Join(' ', reading.Labels)}")
            .GroupBy(series => series).Where(series => series.Count() > 1).ShouldBeEmpty();

    [Fact]
    public async Task A_refusal_says_why()
    {
        await using var client = NewClient("ann");
        var refused = await Should.ThrowAsync<MusterRefusedException>(
            () => client.Decisions.ProposeAsync("a\nb", "v", cancellationToken: Cancelled));
        refused.Reason.ShouldBe(DecisionRefusal.KeyInvalid);
        await Should.ThrowAsync<ArgumentException>(() => client.Decisions.ProposeAsync(
            "k", new string('v', (256 * 1024) + 1), cancellationToken: Cancelled));
        refused = await Should.ThrowAsync<MusterRefusedException>(() => client.Decisions.ProposeAsync(
            "k", new string('v', (64 * 1024) + 1), cancellationToken: Cancelled));
        refused.Reason.ShouldBe(DecisionRefusal.ValueInvalid);
    }

    [Fact]
    public async Task Decisions_are_in_backups_and_a_restoration_forgets_none()
    {
        await using var client = NewClient("ann");
        var before = (await client.Decisions.ProposeAsync("a", "1", cancellationToken: Cancelled)).Decision;

        var backup = (await AskAsync<BackupNow, BackupCompleted>(new() { CommandId = "backup" })).Backup;
        backup.Groups.Select(group => group.Group).ShouldContain("decisions");
        var after = (await client.Decisions.ProposeAsync("b", "2", cancellationToken: Cancelled)).Decision;
        var restored = await AskAsync<Restore, RestoreCompleted>(
            new() { CommandId = "restore", Backup = backup.Name, Groups = ["decisions"] });

        restored.Groups.ShouldHaveSingleItem().Epoch.ShouldBeGreaterThan(before.Epoch);
        (await client.Decisions.ListAsync(cancellationToken: Cancelled)).ShouldBe([before, after]);
        (await client.Decisions.ProposeAsync("a", "3", cancellationToken: Cancelled)).Decision
            .ShouldBe(before);
    }

    /// <summary>One that is on its way up the log, or halted before it served, would let it wait.</summary>
    [Fact]
    public async Task The_endpoint_takes_the_replica_that_works()
    {
        var answered = new ConcurrentQueue<LinkMessage>();
        await using var client = Links.Create(new() { Address = "asker", OnMessage = answered.Enqueue });
        await client.StartAsync(Cancelled);
        var surroundings = ServingSurroundings.Of(_host.Services);
        var options = new DecisionsOptions { ClusterId = "embedded" };
        var idle = new DecisionsReplica(options with { Replica = "idle" }, surroundings);
        var working = new DecisionsReplica(options with { Replica = "working" }, surroundings);
        await working.Served.StartAsync(Cancelled);
        await NodesOfOneProcess.UntilAsync(
            () => working.Served.Runtime.IsCaughtUp, () => "the other replica has caught up");
        var desk = new DecisionDesk(
            () => surroundings.ReplySenderOf(client), TimeProvider.System,
            NullLogger<DecisionDesk>.Instance);
        desk.Add(idle.Intake);
        desk.Add(working.Intake);

        await desk.TakeAsync(new()
        {
            ProposeValue = new()
            {
                CommandId = "c",
                Key = "k",
                Value = "v",
                ReplyTo = ReplyAddress.Inbox("asker"),
            },
        }).WaitAsync(Patience, TimeProvider.System, Cancelled);
        await NodesOfOneProcess.UntilAsync(() => !answered.IsEmpty, () => "the command is answered");
        await working.Served.DisposeAsync();
    }

    /// <summary>An entry that no machine can read, as no replica proposes it.</summary>
    [Fact]
    public async Task A_fault_halts_the_decisions_and_nothing_else()
    {
        await PoisonAsync("decisions");
        await NodesOfOneProcess.UntilAsync(
            () => Halves("decisions").All(part => !part.IsReady && part.Detail.Contains("entry")),
            () => string.Join("; ", Halves("decisions").Select(part => part.Detail)));

        Halves("decisions").Count().ShouldBe(3);
        // An election of a busy machine makes a node unready for a moment.
        await NodesOfOneProcess.UntilAsync(
            () => Halves("consensus").All(node => node.IsReady), () => "the nodes are ready");
        await using var client = NewClient("ann");
        await using (await client.Locks.AcquireAsync("l", Patience, Cancelled))
        {
            _host.Services.GetServices<ConsensusNodeHost>().SelectMany(node => node.Status.Groups)
                .ShouldAllBe(group => !group.Leader.IsNone);
        }
        // Its queue's messages are for other processes now.
        var endpoints = _host.Services.GetRequiredService<IBusControl>();
        await NodesOfOneProcess.UntilAsync(
            () => endpoints.CheckHealth().Endpoints.Where(one => one.Value.Status != BusHealthStatus.Healthy)
                .Select(one => one.Key.Split('/')[^1]).SequenceEqual(["muster-decisions"]),
            () => endpoints.CheckHealth().Description);
        await Should.ThrowAsync<MusterUnknownException>(
            () => client.Decisions.ProposeAsync("k", "v", cancellationToken: Cancelled));
        _host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping
            .IsCancellationRequested.ShouldBeFalse();
        _host.Services.GetRequiredService<ProcessExit>().Code.ShouldBe(0);
    }

    private MusterClient NewClient(string owner) => new(
        new() { Owner = owner, CallTimeout = TimeSpan.FromSeconds(10), HeartbeatInterval = TimeSpan.Zero },
        Links);

    private async Task<TAnswer> AskAsync<TQuestion, TAnswer>(TQuestion question)
        where TQuestion : class
        where TAnswer : class =>
        (await _host.Services.GetRequiredService<IBus>().CreateRequestClient<TQuestion>(Patience)
            .GetResponse<TAnswer>(question, Cancelled)).Message;

    /// <summary>As a replica does, to the nodes' inboxes: the public endpoint refuses.</summary>
    private async Task PoisonAsync(string group)
    {
        var nodes = Links.Names.AllConsensusNodes;
        await using var link = Links.Create(new()
        {
            Address = "poison",
            OnMessage = _ => { },
            Publishes = [nodes],
        });
        await link.StartAsync(Cancelled);
        link.Publish(nodes, new ProposeEntries { Group = group, ProposalId = "poison", Payloads = [[255]] })
            .ShouldBeTrue();
    }
}
