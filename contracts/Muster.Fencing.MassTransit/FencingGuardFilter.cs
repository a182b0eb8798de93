using System.Diagnostics.Metrics;
using MassTransit;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Muster.Fencing;

/// <summary>Before any consumer: what it does not pass on, MassTransit moves to the skipped queue.</summary>
internal sealed partial class FencingGuardFilter(
    IFenceStore store, FencingGuardOptions options, TypedFaults faults) : IFilter<ConsumeContext>
{
    private static readonly Meter Meter = new("Muster.Fencing");

    private static readonly Counter<long> Refusals = Meter.CreateCounter<long>(
        "muster.fencing.refused", "{message}", "Messages refused for their fencing token, by reason.");

    public async Task Send(ConsumeContext context, IPipe<ConsumeContext> next)
    {
        try
        {
            await GuardAsync(context).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            if (ReasonOf(failure) is { } reason)
            {
                Refusals.Add(1, new KeyValuePair<string, object?>("reason", reason));
                LogRefused(
                    LogContext.Current?.Logger ?? NullLogger.Instance, context.MessageId,
                    context.ReceiveContext.InputAddress, failure.Message);
                if (options.Refused == RefusedMessages.Skip) return;
            }
            // Also when the store is away: whoever waits for a response hears of it, as of a consumer's own
            // failure.
            await faults.NotifyAsync(context, failure).ConfigureAwait(false);
            throw;
        }
        await next.Send(context).ConfigureAwait(false);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("fencing");

    private async Task GuardAsync(ConsumeContext context)
    {
        if (context.GetFence() is { } fence)
        {
            await store.GuardAsync(fence.Resource, fence.Token, context.CancellationToken)
                .ConfigureAwait(false);
        }
        else if (!options.AcceptUnfenced)
        {
            throw new MissingFencingTokenException();
        }
    }

    private static string? ReasonOf(Exception refusal) => refusal switch
    {
        StaleFencingTokenException => "stale",
        MissingFencingTokenException => "missing",
        InvalidFencingHeadersException => "invalid",
        _ => null,
    };

    [LoggerMessage(7401, LogLevel.Warning, "Message {MessageId} at {Endpoint} is refused: {Refusal}")]
    private static partial void LogRefused(ILogger logger, Guid? messageId, Uri endpoint, string refusal);
}

/// <summary>A message without fencing headers came to an endpoint that takes fenced ones only.</summary>
public sealed class MissingFencingTokenException()
    : Exception($"The message has no {FencingHeaders.Token} and {FencingHeaders.Resource} in its headers.");
