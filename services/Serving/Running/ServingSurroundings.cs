using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Muster.Bus;
using Muster.Hosting;

namespace Muster.Serving;

/// <summary>What a replica takes from the process that it runs in.</summary>
public sealed record ServingSurroundings
{
    public required ILinkFactory Links { get; init; }

    /// <summary>Makes the sender of answers over the replica's own link.</summary>
    public required Func<IBusLink, IReplySender> ReplySenderOf { get; init; }

    public required ILoggerFactory Loggers { get; init; }

    public required TimeProvider Time { get; init; }

    /// <summary>
    /// <see cref="MusterBusOptions.MaxMessageBytes"/>: larger batches are refused, larger heartbeats put
    /// aside.
    /// </summary>
    public required int MaxMessageBytes { get; init; }

    /// <summary>Told why a replica can go on no more.</summary>
    public required Action<string> OnFault { get; init; }

    /// <summary>Told what in the log forbids to run like this.</summary>
    public required Action<string> OnRefused { get; init; }

    /// <summary>
    /// From a host's services. A replica's fault is said and logged by the replica; it ends the process with
    /// <see cref="ProcessExit.Fault"/>, which makes room for one that works; a refusal with <see
    /// cref="ProcessExit.Refused"/>.
    /// </summary>
    public static ServingSurroundings Of(IServiceProvider provider)
    {
        var loggers = provider.GetRequiredService<ILoggerFactory>();
        var envelopes = provider.GetRequiredService<EnvelopeReplies>();
        return new()
        {
            Links = provider.GetRequiredService<ILinkFactory>(),
            ReplySenderOf = link => new ReplySender(link, envelopes, loggers.CreateLogger<ReplySender>()),
            Loggers = loggers,
            Time = provider.GetRequiredService<TimeProvider>(),
            MaxMessageBytes =
                provider.GetRequiredService<IOptions<MusterBusOptions>>().Value.MaxMessageBytes,
            OnFault = _ => End(provider, exit => exit.Code = ProcessExit.Fault),
            OnRefused = why => End(provider, exit => exit.Refuse(why)),
        };
    }

    private static void End(IServiceProvider provider, Action<ProcessExit> mark)
    {
        mark(provider.GetRequiredService<ProcessExit>());
        provider.GetRequiredService<IHostApplicationLifetime>().StopApplication();
    }
}
