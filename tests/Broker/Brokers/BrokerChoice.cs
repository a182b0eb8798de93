using System.ComponentModel;
using System.Diagnostics;

namespace Muster.Broker;

/// <summary>
/// Which broker the tests use: the one the environment names, else a container, else the distribution's.
/// <c>tests/run</c> decides by the same order, installs what is missing, and passes its decision on.
/// </summary>
public static class BrokerChoice
{
    /// <summary>An AMQP address.</summary>
    public const string NamedVariable = "MUSTER_TEST_RABBITMQ";

    /// <summary>
    /// <c>docker</c>, <c>distribution</c> or <c>none</c>: how tests start brokers of their own.
    /// </summary>
    public const string OwnVariable = "MUSTER_TEST_BROKER";

    internal const string Docker = "docker";
    internal const string Distribution = "distribution";
    internal const string None = "none";

    private static readonly Lazy<string> Own = new(() =>
        Environment.GetEnvironmentVariable(OwnVariable) is { Length: > 0 } given ? given
        : Succeeds("docker", "info") ? Docker
        : DistributionBroker.IsInstalled ? Distribution
        : None);

    /// <summary>Tests can start brokers of their own.</summary>
    public static bool CanStartOwn => Way != None;

    /// <summary>How.</summary>
    internal static string Way => Own.Value;

    public static async Task<IBroker> StartSharedAsync() =>
        Environment.GetEnvironmentVariable(NamedVariable) is { Length: > 0 } named
            ? new NamedBroker(new Uri(named), await AmqpProbe.WaitAsync(new Uri(named)))
            : await StartOwnAsync(new BrokerOptions());

    public static Task<IBroker> StartOwnAsync(BrokerOptions options) => Way switch
    {
        Docker => ContainerBroker.StartAsync(options),
        Distribution => DistributionBroker.StartAsync(options),
        None => throw new InvalidOperationException(
            $"No broker: {NamedVariable} is not set, no Docker answers, no rabbitmq-server is installed."),
        var other => throw new InvalidOperationException(
            $"{OwnVariable} is '{other}'; it must be docker, distribution or none."),
    };

    private static bool Succeeds(string program, string argument)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, argument)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false; // not installed
        }
    }
}
