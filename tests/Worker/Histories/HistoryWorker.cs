using System.Globalization;
using System.Runtime.InteropServices;
using Muster.Client;
using Muster.Contracts;
using Muster.Contracts.Lock;
using Muster.Host.Demo;
using Muster.Testing;

namespace Muster.Worker;

/// <summary>
/// Workers that take locks of every kind, write to the ledger under their tokens, and read and
/// compare-and-set configuration, until SIGTERM; everything is recorded.
/// </summary>
internal sealed class HistoryWorker(
    HistorySettings settings, MusterClient client, Recording recording, Ledger ledger, TimeProvider time)
{
    private const int Permits = 2;
    private const string Mutex = "fenced-mutex";
    private const string ReaderWriter = "reader-writer";
    private static readonly string Semaphore = string.Create(
        CultureInfo.InvariantCulture, $"semaphore:{Permits}");

    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);
    private const int LongestHoldMilliseconds = 20;

    private readonly Lock _ledgerGate = new();
    private volatile bool _isEnding;

    public static async Task<int> RunAsync(HistorySettings settings)
    {
        using var ledger = new Ledger(settings.Ledger);
        using var recording = new Recording(settings.File);
        await using var client = await WorkerClient.ConnectAsync(
            settings.Name, settings.Bus, settings.Cluster, settings.Ttl);
        await new HistoryWorker(settings, client, recording, ledger, TimeProvider.System).RunAsync();
        return 0;
    }

    private async Task RunAsync()
    {
        using var asked = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true; // what has begun is ended first
            _isEnding = true;
        });
        Console.Out.WriteLine(HistorySettings.Connected);
        var config = new ConfigCalls(client.Config, recording, settings.Prefix);
        await Task.WhenAll(Enumerable.Range(0, HistorySettings.Workers).Select(
            worker => Task.Run(() => WorkAsync(worker, config))));
    }

    private async Task WorkAsync(int worker, ConfigCalls config)
    {
        var process = settings.FirstProcess + worker;
        var random = new Random(settings.Seed + worker);
        for (var number = 0; !_isEnding; number++)
        {
            await (random.Next(10) switch
            {
                < 4 => HoldAsync(process, random, Mutex, LockRequest.Exclusive(Name("mutex", random, 3))),
                4 => HoldAsync(process, random, ReaderWriter, LockRequest.Exclusive(Name("rw", random, 2))),
                5 => HoldAsync(process, random, ReaderWriter, LockRequest.Shared(Name("rw", random, 2))),
                6 => HoldAsync(
                    process, random, Semaphore, LockRequest.Semaphore(Name("permits", random, 1), Permits)),
                _ => config.NextAsync(process, random, number),
            });
            await Task.Delay(Pause, time);
        }
    }

    private async Task HoldAsync(int process, Random random, string model, LockRequest request)
    {
        var name = request.Names[0];
        var asked = recording.Now();
        recording.Add(new RecordedEvent(model, process, EventType.Invoke, asked)
        {
            Function = "acquire",
            Key = name,
            Text = Argument(model, request),
        });
        try
        {
            await using var handle = await client.Locks.AcquireAsync(request, Wait);
            var granted = recording.Now();
            var from = handle.IsLost ? (long?)null : granted;
            if (model != Semaphore && request.Mode == LockMode.Exclusive)
            {
                Write(name, handle.FencingToken, random);
            }
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(LongestHoldMilliseconds)), time);
            // Before the handle is asked: it says of all the time until here that the lock was held.
            var until = recording.Now();
            var isLost = from is null || handle.IsLost;
            recording.Add(new RecordedGrant(
                // Lost before it was looked at: it may have stood still, and says nothing of when it held.
                name, request.Mode == LockMode.Exclusive && from is not null, handle.FencingToken.Value,
                handle.AcquireId, settings.Name, asked, granted, isLost ? granted : until));
            if (isLost)
            {
                recording.Unknown(model, process); // when it ended nobody saw
                return;
            }
            // In one line: a grant without the call that ends it would count as held for ever.
            recording.Add(
                new RecordedEvent(model, process, EventType.Ok, granted)
                {
                    Token = handle.FencingToken.Value,
                },
                new RecordedEvent(model, process, EventType.Invoke, until)
                {
                    Function = "release",
                    Key = name,
                    Text = Argument(model, request),
                });
            // Unanswered, it is released later: the lock was held for longer than this says, which refutes
            // nothing that is right.
            await handle.DisposeAsync();
            recording.Ok(model, process);
        }
        catch (Exception exception) when (exception is MusterUnknownException or TimeoutException)
        {
            // Out of reach, or in doubt: the client gives a lock that was granted after all back.
            recording.Unknown(model, process);
        }
    }

    /// <summary>
    /// Shows the token, and writes without asking whether the lock is still held: the guard is what has to
    /// stop a late write.
    /// </summary>
    private void Write(string name, FencingToken token, Random random)
    {
        lock (_ledgerGate)
        {
            ledger.Enter(name, token);
        }
        Thread.SpinWait(random.Next(1_000));
        lock (_ledgerGate)
        {
            if (ledger.TryWrite(name, token.Value, token, settings.Name))
            {
                recording.Add(new RecordedWrite(name, token.Value));
            }
        }
    }

    private string Name(string kind, Random random, int count) =>
        settings.Prefix + kind + random.Next(count).ToString(CultureInfo.InvariantCulture);

    private static string? Argument(string model, LockRequest request) => model != ReaderWriter ? null
        : request.Mode == LockMode.Exclusive ? "write" : "read";
}
