using System.Collections.Concurrent;
using System.Threading.Channels;
using MassTransit;
using Microsoft.Extensions.Logging;
using Muster.Contracts;
using Xunit;
using EventId = Microsoft.Extensions.Logging.EventId;

namespace Muster.Fencing.Tests.Messages;

/// <summary>
/// A bus in memory with a guarded endpoint <c>work</c>, which takes one message at a time, and what became
/// of its messages.
/// </summary>
internal sealed class Desk : IAsyncDisposable
{
    private static readonly string[] Refused = ["work_error", "work_skipped"];

    private readonly Uri _work = new("queue:work");
    private readonly LogLines _log = new();
    private readonly Channel<string> _seen = Channel.CreateUnbounded<string>();
    private readonly ConcurrentBag<string> _faults = [];
    private readonly IBusControl _bus;

    private Desk(
        FencingGuardOptions? options, Action<IReceiveEndpointConfigurator, Desk> consume, bool guardsFirst,
        IFenceStore? guard)
    {
        LogContext.ConfigureCurrentLogContext((ILoggerFactory)_log);
        _bus = MassTransit.Bus.Factory.CreateUsingInMemory(bus =>
        {
            bus.UseFencingHeaders();
            bus.ReceiveEndpoint("work", endpoint =>
            {
                endpoint.ConcurrentMessageLimit = 1;
                if (guardsFirst)
                {
                    endpoint.UseFencingGuard(guard ?? Store, options);
                }
                consume(endpoint, this);
                if (!guardsFirst)
                {
                    endpoint.UseFencingGuard(guard ?? Store, options);
                }
            });
            foreach (var queue in Refused)
            {
                bus.ReceiveEndpoint(queue, endpoint =>
                {
                    endpoint.ConfigureConsumeTopology = false;
                    endpoint.Handler<DoWork>(context => SayAsync($"{queue} {context.Message.Number}"));
                });
            }
            bus.ReceiveEndpoint("events", endpoint =>
            {
                endpoint.Handler<WorkDone>(context => SayAsync(
                    $"done {context.Message.Number}, {context.GetFence()?.ToString() ?? "unfenced"}"));
                endpoint.Handler<DoWork>(context => SayAsync(
                    $"forwarded {context.Message.Number}, {context.GetFence()?.ToString() ?? "unfenced"}"));
                endpoint.Handler<Fault<DoWork>>(context =>
                {
                    _faults.Add(context.Message.Exceptions[0].ExceptionType);
                    return Task.CompletedTask;
                });
            });
        });
    }

    public MemoryFenceStore Store { get; } = new();

    public IBus Bus => _bus;

    public IReadOnlyList<string> Log => _log.Lines;

    /// <summary>The exceptions of the faults that were published, by their types' names.</summary>
    public IReadOnlyCollection<string> Faults => _faults;

    /// <param name="options">Of the guard.</param>
    /// <param name="consume">Null: says what it was given, and responds.</param>
    /// <param name="guardsFirst">The guard is configured before the consumers.</param>
    /// <param name="guard">What the guard asks; null: <see cref="Store"/>.</param>
    public static async Task<Desk> OpenAsync(
        FencingGuardOptions? options = null, Action<IReceiveEndpointConfigurator, Desk>? consume = null,
        bool guardsFirst = true, IFenceStore? guard = null)
    {
        consume ??= (endpoint, desk) => endpoint.Handler<DoWork>(desk.WorkAsync);
        var desk = new Desk(options, consume, guardsFirst, guard);
        await desk._bus.StartAsync(TestContext.Current.CancellationToken);
        return desk;
    }

    public async Task SendAsync(DoWork work, Action<SendContext>? set = null)
    {
        var endpoint = await _bus.GetSendEndpoint(_work);
        await endpoint.Send(work, context => set?.Invoke(context), TestContext.Current.CancellationToken);
    }

    public async Task SendAsync(int number, long token)
    {
        using var scope = FencingScope.Enter("orders", new FencingToken(token));
        await SendAsync(new DoWork(number));
    }

    public Task<Response<WorkDone>> RequestAsync(DoWork work) =>
        _bus.CreateRequestClient<DoWork>(_work)
            .GetResponse<WorkDone>(work, TestContext.Current.CancellationToken);

    public Task SayAsync(string what) => _seen.Writer.WriteAsync(what).AsTask();

    /// <summary>What happened next.</summary>
    public async Task<string> NextAsync()
    {
        var stop = TestContext.Current.CancellationToken;
        return await _seen.Reader.ReadAsync(stop).AsTask().WaitAsync(TimeSpan.FromSeconds(30), stop);
    }

    public ValueTask DisposeAsync() => new(_bus.StopAsync());

    private async Task WorkAsync(ConsumeContext<DoWork> context)
    {
        await SayAsync($"work {context.Message.Number}, {context.GetFence()?.ToString() ?? "unfenced"}");
        if (context.ResponseAddress is not null)
        {
            await context.RespondAsync(new WorkDone(context.Message.Number));
        }
    }

    /// <summary>Keeps the events of this package.</summary>
    private sealed class LogLines : ILoggerFactory, ILogger
    {
        private readonly Lock _gate = new();
        private readonly List<string> _lines = [];

        public IReadOnlyList<string> Lines
        {
            get
            {
                lock (_gate)
                {
                    return [.. _lines];
                }
            }
        }

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public bool IsEnabled(LogLevel logLevel) => true;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (eventId.Id == 7401)
            {
                lock (_gate)
                {
                    _lines.Add($"{logLevel}: {formatter(state, exception)}");
                }
            }
        }

        public void Dispose()
        {
            // Nothing is open.
        }
    }
}
