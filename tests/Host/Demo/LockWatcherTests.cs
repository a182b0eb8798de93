using Microsoft.Extensions.Logging.Abstractions;
using Muster.Bus;
using Muster.Contracts;
using Muster.Contracts.Lock;
using Muster.Host.Demo.Team;
using Muster.Host.Demo.Watching;
using Shouldly;
using Spectre.Console;
using Xunit;

namespace Muster.Host.Tests.Demo;

/// <summary>What the demo counts of the lock service's events.</summary>
public sealed class LockWatcherTests : IAsyncLifetime
{
    private static readonly TeamNames Team = new("demo-test");

    private readonly MemoryBus _bus = new(new BusNames(BusNames.DefaultCluster), NullLoggerFactory.Instance);
    private readonly Tap _tap;
    private readonly LockWatcher _watcher;

    public LockWatcherTests()
    {
        var silent = AnsiConsole.Create(
            new AnsiConsoleSettings { Out = new AnsiConsoleOutput(TextWriter.Null) });
        _tap = new Tap(new MemoryLinkFactory(_bus, NullLoggerFactory.Instance));
        _watcher = new LockWatcher(
            _tap, Team, new Timeline(silent, TimeProvider.System), seesConsensus: false);
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _watcher.DisposeAsync();
        await _bus.DisposeAsync();
    }

    /// <summary>Every run has losses by the recovery; only the paused worker's is by expiry.</summary>
    [Theory]
    [InlineData("SessionExpired", 1)]
    [InlineData("SessionCrashed", 0)]
    [InlineData("SessionClosed", 0)]
    [InlineData("Broken", 0)]
    public void A_hand_over_counts_when_the_session_before_it_expired(string cause, int handOvers)
    {
        Lose("a.txt", cause, token: 1);
        Grant("a.txt", token: 2);

        _watcher.HandOversByExpiry.ShouldBe(handOvers);
        _watcher.WasTakenOver(Team.Lock("a.txt"), new FencingToken(1)).ShouldBeTrue();
    }

    [Fact]
    public void An_expiry_counts_also_of_a_lock_that_was_lost_otherwise_before()
    {
        Lose("a.txt", "Broken", token: 1);
        Grant("a.txt", token: 2);
        Lose("a.txt", "SessionExpired", token: 2);
        Grant("a.txt", token: 3);
        Grant("a.txt", token: 3); // an event may come twice

        _watcher.HandOversByExpiry.ShouldBe(1);
    }

    [Fact]
    public void A_grant_counts_by_the_loss_just_before_it()
    {
        Lose("a.txt", "SessionExpired", token: 1);
        Grant("a.txt", token: 2);
        Lose("a.txt", "Broken", token: 2);
        Grant("a.txt", token: 3);

        _watcher.HandOversByExpiry.ShouldBe(1);
    }

    private void Lose(string item, string cause, long token) => _tap.Tell(new LockLost
    {
        Name = Team.Lock(item),
        AcquireId = $"acquire-{token}",
        FencingToken = new FencingToken(token),
        Cause = cause,
    });

    private void Grant(string item, long token) => _tap.Tell(new LockGranted
    {
        Name = Team.Lock(item),
        CommandId = $"acquire-{token}",
        FencingToken = new FencingToken(token),
    });

    /// <summary>Tells the one link that is made of it what comes in.</summary>
    private sealed class Tap(ILinkFactory inner) : ILinkFactory
    {
        private Action<LinkMessage> _tell = _ => { };

        public BusNames Names => inner.Names;

        public IBusLink Create(LinkOptions options)
        {
            _tell = options.OnMessage;
            return inner.Create(options);
        }

        public void Tell<T>(T message) where T : class => _tell(
            new LinkMessage { Type = BusJson.TypeName(typeof(T)), Body = BusJson.Write(message) });
    }
}
