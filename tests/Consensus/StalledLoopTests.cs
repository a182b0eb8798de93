using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Muster.Bus;
using Muster.Consensus.Driver;
using Muster.Consensus.Tests.Cluster;
using Muster.Contracts;
using Muster.Contracts.Consensus;
using Muster.Hosting;
using Shouldly;
using Xunit;

namespace Muster.Consensus.Tests;

/// <summary>A node whose loop hangs, as in a sync that does not return.</summary>
public sealed class StalledLoopTests : IAsyncDisposable
{
    private const string Group = TestClient.Group;
    private const int Reads = 300;

    private readonly TestFolder _folder = new();
    private readonly FakeTimeProvider _time = new();
    private readonly ManualResetEventSlim _goesOn = new();
    private readonly TaskCompletionSource _hangs = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<object> _answer =
        new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentQueue<(string Id, object Message)> _answers = [];
    private readonly MemoryBus _bus =
        new(new BusNames(BusNames.DefaultCluster), NullLoggerFactory.Instance);
    private readonly ConsensusNodeHost _node;

    public StalledLoopTests()
    {
        var options = new ConsensusOptions
        {
            Node = "n1",
            Members = ["n1"],
            Bootstrap = true,
            Groups = [Group],
            OpenGroups = [Group],
            DataFolder = _folder.Of("n1"),
        };
        _node = new ConsensusNodeHost(options, new ConsensusSurroundings
        {
            Links = new MemoryLinkFactory(_bus, NullLoggerFactory.Instance),
            Time = _time,
            SendEnvelope = Send,
        });
    }

    public async ValueTask DisposeAsync()
    {
        _goesOn.Set();
        await _node.DisposeAsync();
        await _bus.DisposeAsync();
        _goesOn.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_loop_that_hangs_is_not_ready_and_takes_no_public_requests()
    {
        IHealthSource health = _node;
        await _node.StartAsync(TestLimit.Token());
        await TestLimit.UntilAsync(() => health.IsReady);
        Ask("hang");
        await _hangs.Task.WaitAsync(TestLimit.Token());

        _time.Advance(TimeSpan.FromSeconds(3));
        health.IsReady.ShouldBeTrue();
        _time.Advance(TimeSpan.FromSeconds(0.5));
        health.IsReady.ShouldBeFalse();
        health.Detail.ShouldContain("no round for 3.5 s");
        Ask("refused");
        (await _answer.Task.WaitAsync(TestLimit.Token())).ShouldBeOfType<ConsensusRefused>()
            .ShouldSatisfyAllConditions(
                refused => refused.Reason.ShouldBe(ConsensusRefusal.Overloaded),
                refused => refused.RequestId.ShouldBe("refused"));

        _goesOn.Set();
        await TestLimit.UntilAsync(() => health.IsReady);
    }

    /// <summary>
    /// The reads of all replicas at once must not hold up heartbeats until all are written out.
    /// </summary>
    [Fact]
    public async Task A_round_answers_so_many_bytes_of_reads_and_the_rest_in_the_next_ones()
    {
        IHealthSource health = _node;
        await _node.StartAsync(TestLimit.Token());
        await TestLimit.UntilAsync(() => health.IsReady);
        Submit("large", Proposal(new byte[5 * 1024 * 1024]));
        await TestLimit.UntilAsync(() => _answers.Count == 1);
        Ask("hang");
        await _hangs.Task.WaitAsync(TestLimit.Token());
        var read = new ReadEntries { Group = Group, FromIndex = new(2) };
        for (var i = 1; i <= Reads; i++) Submit($"r{i}", read);
        Submit("p", Proposal([1]));

        _goesOn.Set();
        await TestLimit.UntilAsync(() => _answers.Count == Reads + 2);
        var answers = _answers.Skip(1).ToList();
        var refused = answers.Where(one => one.Message is ConsensusRefused).ToList();
        refused.Count.ShouldBe(Reads - WaitingReads.MostWaiting - 1);
        refused.ShouldAllBe(
            one => ((ConsensusRefused)one.Message).Reason == ConsensusRefusal.Overloaded);
        var reads = answers.Where(one => one.Message is EntriesRead { Entries.Count: 1 }).ToList();
        reads.Select(one => one.Id)
            .ShouldBe(Enumerable.Range(1, WaitingReads.MostWaiting + 1).Select(i => $"r{i}"));
        answers.Except(refused).Select(one => one.Id).Take(4).ShouldContain("p");
    }

    private static ProposeEntries Proposal(byte[] payload) =>
        new() { Group = Group, Payloads = [payload], WantsAnswer = true };

    private void Submit(string id, object request) => _node.Submit(
        new ReplyAddress { Address = "loopback://test", RequestId = id }, Group, request, bytes: 1);

    private void Ask(string id) => _node.Submit(
        new ReplyAddress { Address = "loopback://test", RequestId = id }, Group,
        new DescribeGroup { Group = Group, RequestId = id }, bytes: 1);

    /// <summary>The node's loop sends its answers itself, so it hangs here.</summary>
    private void Send(ReplyAddress to, object message)
    {
        if (to.RequestId != "hang")
        {
            _answers.Enqueue((to.RequestId, message));
            _answer.TrySetResult(message);
            return;
        }
        _hangs.TrySetResult();
        _goesOn.Wait();
    }
}
