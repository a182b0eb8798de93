using System.Collections.Concurrent;
using Muster.Client;
using Muster.Cluster;
using Shouldly;

namespace Muster.Coordination.Tests.Registry;

/// <summary>A client that resolves some services in a loop and keeps every answer.</summary>
internal sealed class ResolveLoad : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    private readonly ConcurrentQueue<Answer> _answers = new();
    private readonly ConcurrentQueue<Exception> _failures = new();
    private readonly CancellationTokenSource _ending = new();
    private readonly MusterClient _client;
    private readonly IReadOnlyList<string> _services;
    private readonly Task _resolving;

    private ResolveLoad(MusterClient client, IReadOnlyList<string> services)
    {
        (_client, _services) = (client, services);
        _resolving = Task.Run(ResolveAsync);
    }

    public IReadOnlyList<Answer> Answers => [.. _answers];

    /// <summary>
    /// Starts after the first resolves of each service, which alone may take their time, and may show it as
    /// it was a moment ago, when not all its instances were there.
    /// </summary>
    public static async Task<ResolveLoad> StartAsync(MusterClient client, IReadOnlyList<string> services)
    {
        foreach (var service in services)
        {
            await Until.TrueAsync(
                async () => (await client.Services.ResolveAsync(service)).Instances.Count
                    == ChangeWriter.InstancesOfService,
                MusterCluster.Patience, () => $"every instance of {service} is seen");
        }
        return new ResolveLoad(client, services);
    }

    /// <summary>
    /// Waits until an answer shows this change, and says how long after its acknowledgement.
    /// </summary>
    public async Task<TimeSpan> SeesAsync(Change change)
    {
        Answer? first = null;
        await Until.TrueAsync(
            () => (first = _answers.FirstOrDefault(answer => answer.At >= change.AcknowledgedAt
                && answer.Service == change.Service && answer.Change >= change.Number)) is not null,
            MusterCluster.Patience,
            () => $"{change} is seen; the last answer is "
                + $"{_answers.LastOrDefault(answer => answer.Service == change.Service)}");
        return TimeProvider.System.GetElapsedTime(change.AcknowledgedAt, first!.At);
    }

    public async Task EndAsync()
    {
        await _ending.CancelAsync();
        await _resolving;
    }

    /// <summary>No resolve failed, none went back in time, none lacked an instance.</summary>
    public void Judge()
    {
        _failures.ShouldBeEmpty();
        foreach (var service in _services)
        {
            Answer? last = null;
            foreach (var answer in _answers.Where(answer => answer.Service == service))
            {
                answer.Instances.ShouldBe(ChangeWriter.InstancesOfService, answer.ToString());
                (answer.Epoch, answer.Index, answer.Change)
                    .ShouldBeGreaterThanOrEqualTo(
                        (last?.Epoch ?? 0, last?.Index ?? 0, last?.Change ?? 0), $"{last}\nthen {answer}");
                last = answer;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        await _client.DisposeAsync();
        _ending.Dispose();
    }

    private async Task ResolveAsync()
    {
        while (!_ending.IsCancellationRequested)
        {
            foreach (var service in _services)
            {
                try
                {
                    _answers.Enqueue(Answer.Of(await _client.Services.ResolveAsync(service)));
                }
                catch (Exception failure)
                {
                    _failures.Enqueue(failure); // every kind: none may happen
                }
            }
            await Task.Delay(Pause, TimeProvider.System, CancellationToken.None);
        }
    }
}
