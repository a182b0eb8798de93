using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Muster.Bus;
using Muster.Consensus.Tests.Cluster;
using Muster.Contracts;
using Muster.Contracts.Consensus;
using Muster.Hosting;
using Shouldly;
using Xunit;

namespace Muster.Consensus.Tests;

/// <summary>Three nodes and the public endpoint in one host, as the embedded host has them.</summary>
public sealed class EndpointTests : IAsyncLifetime
{
    private const int Elected = 2005;

    private readonly TestFolder _folder = new();
    private readonly LogBook _log = new();
    private IHost _host = null!;

    private bool IsReady => _host.Services.GetServices<IHealthSource>().All(source => source.IsReady);

    public async ValueTask InitializeAsync()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddSingleton<ILoggerFactory>(_log);
        builder.Services.AddMusterEndpointsInMemory(register => register.AddConsensusEndpoint());
        builder.Services.AddSingleton(provider => new MemoryBus(
            provider.GetRequiredService<IBus>(), provider.GetRequiredService<BusNames>(), _log));
        builder.Services.AddSingleton<ILinkFactory>(
            provider => new MemoryLinkFactory(provider.GetRequiredService<MemoryBus>(), _log));
        foreach (var node in TestCluster.Names)
        {
            builder.Services.AddConsensusNode(node, _ => new ConsensusOptions
            {
                Node = node,
                Members = [.. TestCluster.Names],
                Bootstrap = true,
                Groups = ["lock", "open"],
                OpenGroups = ["open"],
                DataFolder = _folder.Of(node),
                // A busy machine must not cost an election: what is asked then is refused.
                Raft = new RaftTimes
                {
                    ElectionMin = TimeSpan.FromSeconds(2),
                    ElectionMax = TimeSpan.FromSeconds(3),
                },
            });
        }
        _host = builder.Build();
        await _host.StartAsync(TestLimit.Token());
        await _log.WaitForAsync(Elected, "leads lock");
        await _log.WaitForAsync(Elected, "leads open");
        // Any node may be asked, and one that knows no leader yet refuses.
        await TestLimit.UntilAsync(() => IsReady);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(TestLimit.Token());
        _host.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_proposal_is_answered_once_it_is_committed_and_can_be_read()
    {
        var proposal = new ProposeEntries { Group = "open", ProposalId = "p1", Payloads = [[1], [2]] };
        var proposed = await Ask<ProposeEntries, EntriesProposed>(proposal);
        proposed.ProposalId.ShouldBe("p1");
        (proposed.LastIndex - proposed.FirstIndex).ShouldBe(1);
        var found = await Ask<ReadIndex, ReadIndexFound>(new ReadIndex { Group = "open" });
        found.Index.ShouldBe(proposed.LastIndex);
        var description = await Ask<DescribeGroup, GroupDescription>(new DescribeGroup { Group = "open" });
        description.ClusterId.ShouldBe("muster");
        description.ElectionMaxMilliseconds.ShouldBe(3_000);
        description.Members.Select(member => member.Value).ShouldBe(TestCluster.Names);
        // From what the node that is asked knows to be committed; a follower hears so a moment later.
        EntriesRead read;
        do
        {
            read = await Ask<ReadEntries, EntriesRead>(new() { Group = "open", FromIndex = new(1) });
        }
        while (read.CommitIndex < proposed.LastIndex);
        read.Entries[0].Kind.ShouldBe(EntryKind.Empty);
        read.Entries.Where(entry => entry.Kind == EntryKind.Command).Select(entry => entry.Payload.Single())
            .ShouldBe([(byte)1, (byte)2]);
    }

    [Fact]
    public async Task A_services_own_log_takes_nothing_from_the_public_endpoint()
    {
        var before = await Ask<ReadIndex, ReadIndexFound>(new ReadIndex { Group = "lock" });
        var refused = await Ask<ProposeEntries, ConsensusRefused>(
            new ProposeEntries { Group = "lock", ProposalId = "p3", Payloads = [[1]] });
        (refused.Reason, refused.RequestId).ShouldBe((ConsensusRefusal.NotOpen, "p3"));
        (await Ask<ReadIndex, ReadIndexFound>(new ReadIndex { Group = "lock" })).Index.ShouldBe(before.Index);
    }

    [Fact]
    public async Task What_is_wrong_is_refused()
    {
        var refused = await Ask<ProposeEntries, ConsensusRefused>(
            new ProposeEntries { Group = "nothing", ProposalId = "p2", Payloads = [[1]] });
        refused.Reason.ShouldBe(ConsensusRefusal.UnknownGroup);
        refused.RequestId.ShouldBe("p2");
    }

    [Fact]
    public void Each_node_reports_its_health_and_status()
    {
        _host.Services.GetServices<IHealthSource>().Select(source => source.Name)
            .ShouldBe(["endpoints", "consensus n1", "consensus n2", "consensus n3"], ignoreOrder: true);
        _host.Services.GetServices<IStatusSource>().Select(source => source.Name)
            .ShouldBe(["consensus.n1", "consensus.n2", "consensus.n3"]);
    }

    private async Task<TAnswer> Ask<TRequest, TAnswer>(TRequest request)
        where TRequest : class
        where TAnswer : class
    {
        var client = _host.Services.GetRequiredService<IBus>().CreateRequestClient<TRequest>();
        return (await client.GetResponse<TAnswer>(request, TestLimit.Token())).Message;
    }
}
