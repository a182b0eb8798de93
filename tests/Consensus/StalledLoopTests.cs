using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Muster.Bus;
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

    private readonly TestFolder _folder = new();
    private readonly FakeTimeProvider _time = new();
    private readonly ManualResetEventSlim _goesOn = new();
    private readonly TaskCompletionSource _hangs = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<object> _answer =
        new(TaskCreationOptions.RunContinuationsAsynchronously);
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

    private void Ask(string id) => _node.Submit(
        new ReplyAddress { Address = "loopback://test", RequestId = id }, Group,
        new DescribeGroup { Group = Group, RequestId = id }, bytes: 1);

    /// <summary>The node's loop sends its answers itself, so it hangs here.</summary>
    private void Send(ReplyAddress to, object message)
    {
        if (to.RequestId != "hang")
        {
            _answer.TrySetResult(message);
            return;
        }
        _hangs.TrySetResult();
        _goesOn.Wait();
    }
}
