using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Muster.Bus;
using Muster.Contracts;

namespace Muster.Consensus;

/// <summary>What a node needs of its process.</summary>
public sealed record ConsensusSurroundings
{
    /// <summary>As in sysexits.h: an internal failure.</summary>
    private const int FatalExitCode = 70;

    public required ILinkFactory Links { get; init; }

    /// <summary>Answers to MassTransit's response addresses; without endpoints there are none.</summary>
    public Action<ReplyAddress, object> SendEnvelope { get; init; } = (_, _) => { };

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public ILoggerFactory Loggers { get; init; } = NullLoggerFactory.Instance;

    /// <summary>
    /// Called on the loop's thread when a commit or a step failed; the node has gone silent. By default the
    /// process ends: after a failed sync nobody knows what the disk holds until it is read again.
    /// </summary>
    public Action<Exception> OnFatal { get; init; } = EndProcess;

    private static void EndProcess(Exception failure)
    {
        Console.Error.WriteLine($"The consensus node ends: {failure}");
        Environment.Exit(FatalExitCode);
    }
}
