using Muster.Broker;
using Muster.Cluster;
using Shouldly;
using Xunit;

namespace Muster.Containers.Tests.Wire;

/// <summary>
/// A client that is not .NET: Python with the distribution's python3-pika, which tests/prerequisites
/// installs.
/// </summary>
public sealed class PythonTests(BrokerFixture brokers, SharedCluster shared)
{
    private const string PythonVariable = "MUSTER_TEST_PYTHON";
    private const string DistributionPython = "/usr/bin/python3";

    [Fact]
    public async Task Python_takes_waits_for_and_releases_a_lock_by_bare_JSON()
    {
        var cluster = await shared.WholeAsync(brokers);
        var named = Environment.GetEnvironmentVariable(PythonVariable);
        await using var python = ServiceProcess.Start(new ServiceProcessOptions
        {
            Name = "python",
            FileName = string.IsNullOrEmpty(named) ? DistributionPython : named,
            Arguments =
            [
                Path.Combine(AppContext.BaseDirectory, "Wire", "bare_client.py"),
                // pika takes the root virtual host by its escaped name only.
                cluster.Broker.Uri + (cluster.Broker.Uri.AbsolutePath == "/" ? "%2F" : ""),
                cluster.Name + ".",
            ],
        });

        var exitCode = await python.ExitAsync(MusterCluster.Patience * 2);

        exitCode.ShouldBe(0, $"pika missing? tests/prerequisites installs it.\n{python.Output()}");
        var steps = python.Output().Split('\n');
        steps.Count(step => step.StartsWith("ok: ", StringComparison.Ordinal)).ShouldBe(16, python.Output());
        steps[^1].ShouldBe("done");
    }
}
