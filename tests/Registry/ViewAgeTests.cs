using Microsoft.Extensions.Logging.Abstractions;
using Muster.Contracts.Registry;
using Muster.Registry.Machine;
using Muster.Registry.Views;
using Muster.Serving;
using Muster.Views;
using Shouldly;
using Xunit;

namespace Muster.Registry.Tests;

/// <summary>How old an announcement says it is, on a clock that the test moves.</summary>
public sealed class ViewAgeTests : IAsyncLifetime
{
    private static readonly TimeSpan WriteTakes = TimeSpan.FromSeconds(5);

    private RegistryHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await RegistryHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    /// <summary>
    /// What is announced was so when the machine was looked at. That it was found current again while the
    /// views were written says nothing of what had happened by then.
    /// </summary>
    [Fact]
    public async Task An_announcement_is_as_old_as_the_look_at_the_machine()
    {
        var id = _host.NextId();
        await _host.AskAsync(id, new()
        {
            RegisterInstance = new()
            {
                CommandId = id,
                Service = "web",
                InstanceId = "a",
                LeaseId = "l",
                Host = "h",
            },
        });
        await BeCurrentAsync();
        var clock = new MovedClock();
        var currency = new ReplicaCurrency(clock);
        currency.Knew(currency.Ask());
        clock.Move(TimeSpan.FromSeconds(1));
        var announced =
            new TaskCompletionSource<ViewAnnouncement>(TaskCreationOptions.RunContinuationsAsynchronously);
        var views = new TestedViews
        {
            OnWrite = () =>
            {
                clock.Move(WriteTakes);
                currency.Knew(currency.Ask());
            },
            OnAnnounced = announcement =>
            {
                announced.TrySetResult(announcement);
                return Task.CompletedTask;
            },
        };
        var publisher = new ViewPublisher(
            "test", _host.Runtime, views, currency, new(), clock, NullLogger<ViewPublisher>.Instance);
        using var stop = new CancellationTokenSource();

        var running = publisher.RunAsync(stop.Token);
        var first = await announced.Task.WaitAsync(TestContext.Current.CancellationToken);
        await stop.CancelAsync();
        await running;

        first.AgeMilliseconds.ShouldBe(6_000);
    }

    /// <summary>
    /// While more events are known than one announcement tells, nobody's view is as young as the look at
    /// them: the change of a service that is not named may be among those that are told next.
    /// </summary>
    [Fact]
    public async Task An_announcement_that_does_not_tell_all_is_as_old_as_the_last_that_did()
    {
        await PutAsync(); // the group is founded
        await BeCurrentAsync();
        var clock = new MovedClock();
        var currency = new ReplicaCurrency(clock);
        currency.Knew(currency.Ask());
        clock.Move(TimeSpan.FromSeconds(1));
        using var stop = new CancellationTokenSource();
        var told = new List<ViewAnnouncement>();
        var views = new TestedViews
        {
            OnAnnounced = async announcement =>
            {
                told.Add(announcement);
                if (told.Count == 1)
                {
                    await Task.WhenAll(Enumerable.Range(0, 300).Select(_ => PutAsync()));
                    await BeCurrentAsync();
                    clock.Move(TimeSpan.FromSeconds(5));
                    currency.Knew(currency.Ask());
                }
                else if (told.Count == 3)
                {
                    await stop.CancelAsync();
                }
            },
        };
        var options = new RegistryServiceOptions { ViewRefresh = TimeSpan.FromMilliseconds(100) };
        var publisher = new ViewPublisher(
            "test", _host.Runtime, views, currency, options, clock, NullLogger<ViewPublisher>.Instance);

        await publisher.RunAsync(stop.Token).WaitAsync(TestContext.Current.CancellationToken);

        told.Select(one => one.ToNumber - one.FromNumber + 1).ShouldBe([0, 256, 44]);
        told.Select(one => one.AgeMilliseconds).ShouldBe([1_000, 6_000, 0]);
    }

    /// <summary>The answer is of the machine before it, which knew what this one has not read yet.</summary>
    [Fact]
    public void A_read_that_was_asked_of_a_machine_that_was_replaced_says_nothing_of_the_new_one()
    {
        var currency = new ReplicaCurrency(new MovedClock());
        var question = currency.Ask();
        currency.Forget();

        currency.Knew(question);

        currency.Age.ShouldBeNull();
        currency.Knew(currency.Ask());
        currency.Age.ShouldBe(TimeSpan.Zero);
    }

    private Task<RegistryReply> PutAsync()
    {
        var id = _host.NextId();
        return _host.AskAsync(id, new() { PutConfig = new() { CommandId = id, Key = id, Value = "v" } });
    }

    /// <summary>
    /// The other replica may have answered: this one has it too, or its first look tells nothing.
    /// </summary>
    private async Task BeCurrentAsync() => (await _host.Runtime.ReadAsync(
        (RegistryMachine machine) => true, TestContext.Current.CancellationToken)).IsKnown.ShouldBeTrue();

    private sealed class MovedClock : TimeProvider
    {
        private long _timestamp;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Interlocked.Read(ref _timestamp);

        public void Move(TimeSpan by) => Interlocked.Add(ref _timestamp, by.Ticks);
    }

    private sealed class TestedViews : IServiceViews
    {
        public Action OnWrite { get; init; } = () => { };

        public Func<ViewAnnouncement, Task> OnAnnounced { get; init; } = _ => Task.CompletedTask;

        public bool IsAvailable => true;

        public ValueTask<bool> WriteAsync(
            ServiceView view, TimeSpan ttl, TimeSpan age, CancellationToken cancellationToken)
        {
            OnWrite();
            return ValueTask.FromResult(true);
        }

        public ValueTask<StoredView?> ReadAsync(string service, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task AnnounceAsync(ViewAnnouncement announcement, CancellationToken cancellationToken) =>
            OnAnnounced(announcement);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        public IDisposable Subscribe(Action<ViewAnnouncement> onAnnounced, Action onGap) =>
            throw new NotSupportedException();
    }
}
