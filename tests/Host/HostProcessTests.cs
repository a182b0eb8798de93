using System.Net;
using System.Text.Json;
using Muster.Broker;
using Muster.Host.Embedded;
using Shouldly;
using Xunit;

namespace Muster.Host.Tests;

/// <summary>The embedded host as a user starts it: a real process, no broker.</summary>
public sealed class HostProcessTests
{
    private const string Project = "services/Host/Muster.Host.csproj";
    private const int RefusedExitCode = 78;
    private const int FailedExitCode = 70;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task It_says_what_runs_serves_health_and_status_and_stops_on_SIGTERM()
    {
        var data = Scratch.NewFolder("host-data");
        await using var host = Start("host", data);
        var address = await HealthOf(host);
        // The last line of the start-up: the ones before it have come.
        await host.WaitForLineAsync("SIGTERM to process", Patience);

        var output = host.Output();
        output.ShouldContain(data);
        output.ShouldContain("demo");
        output.ShouldContain("Ctrl-C");
        await host.WaitForHealthAsync(new Uri(address, "health"), Patience);
        address.IsLoopback.ShouldBeTrue();
        using var client = new HttpClient();
        using var status = JsonDocument.Parse(
            await client.GetStringAsync(new Uri(address, "status"), Cancel));
        var names = status.RootElement.EnumerateObject().Select(section => section.Name).ToList();
        names.ShouldContain("consensus.n1");
        names.ShouldContain(name => name.StartsWith("lock.a.", StringComparison.Ordinal));

        (await host.StopAsync(TimeSpan.FromSeconds(10))).ShouldBe(0);
    }

    [Fact]
    public void A_slow_stop_is_not_cut_off_by_the_command_line() =>
        HostCommands.Invocation.ProcessTerminationTimeout!.Value
            .ShouldBeGreaterThan(EmbeddedHost.ShutdownTimeout);

    [Fact]
    public async Task A_data_folder_in_use_is_refused_and_the_first_host_lives_on()
    {
        var data = Scratch.NewFolder("host-data");
        await using var first = Start("host-first", data);
        var address = await HealthOf(first);
        await using var second = Start("host-second", data);

        (await second.ExitAsync(Patience)).ShouldBe(RefusedExitCode);

        second.Output().ShouldContain("in use"); // its output has ended with it
        await first.WaitForHealthAsync(new Uri(address, "health"), Patience);
    }

    [Fact]
    public async Task After_a_kill_9_it_starts_on_the_same_data()
    {
        var data = Scratch.NewFolder("host-data");
        await using (var first = Start("host-first", data))
        {
            await first.WaitForHealthAsync(new Uri(await HealthOf(first), "health"), Patience);
            first.Kill9();
            await first.ExitAsync(Patience);
        }
        await using var second = Start("host-second", data);
        await second.WaitForHealthAsync(new Uri(await HealthOf(second), "health"), Patience);
    }

    /// <summary>A limit on what a process may write to a file stands for a disk that takes no more.</summary>
    [Theory]
    [InlineData(20, RefusedExitCode, "Nothing is lost")]
    [InlineData(150, FailedExitCode, "takes part again with what its disk has")]
    public async Task A_disk_that_takes_no_more_ends_it_and_it_says_so(
        int kibibytes, int exitCode, string says)
    {
        var data = Scratch.NewFolder("host-data");
        await using (var host = ServiceProcess.Start(Limited(kibibytes, data)))
        {
            (await host.ExitAsync(Patience)).ShouldBe(exitCode, host.Output());
            host.Output().ShouldContain("fails to read or write");
            host.Output().ShouldContain(says);
            host.Output().ShouldNotContain("is damaged");
        }
        await using var again = Start("host-again", data);
        await again.WaitForHealthAsync(new Uri(await HealthOf(again), "health"), Patience);
    }

    [Theory]
    [InlineData("--Health:Url=ftp://nowhere", "Health:Url")]
    [InlineData("--Health:Url=", "Health:Url")]
    [InlineData("--Bus:Cluster=No Good", "Bus:Cluster")]
    [InlineData("--Lok:Groups=4", "'--Lok:Groups=4' is no command and no setting")]
    [InlineData("demoo", "'demoo' is no command and no setting")]
    public async Task A_bad_setting_stops_the_start_with_its_name(string argument, string name)
    {
        await using var host = Start("host", Scratch.NewFolder("host-data"), argument);
        (await host.ExitAsync(Patience)).ShouldBe(RefusedExitCode);
        host.Output().ShouldContain(name);
    }

    /// <summary>
    /// An environment may be made for the services' own processes, and has names that are nobody's here.
    /// </summary>
    [Fact]
    public async Task What_it_decides_itself_is_not_looked_at_in_the_environment()
    {
        var start = ServiceProcessOptions.Service(
            Project, "host-environment", "--data", Scratch.NewFolder("host-data"));
        await using var host = ServiceProcess.Start(start with
        {
            Environment = new Dictionary<string, string>
            {
                ["Bus__Uri"] = "amqp://service:no/address@127.0.0.1/",
                ["Consensus__Members__0"] = "n7",
                ["Lock__Group"] = "other",
                ["Lock__Replica"] = "not a name",
                ["Redis__Connection"] = "127.0.0.1:1",
                ["NODE"] = "/usr/bin/node",
                ["REGISTRY"] = "registry.example",
            },
        });

        await HealthOf(host);
    }

    [Fact]
    public async Task The_demo_passes_its_audit()
    {
        await using var demo = ServiceProcess.Start(
            ServiceProcessOptions.Service(Project, "demo", "demo", RepositoryRoot.Path));
        (await demo.ExitAsync(Patience)).ShouldBe(0, demo.Output());
        demo.Output().ShouldContain("The audit passed.");
    }

    [Theory]
    [InlineData("demo", ".", "--buss", "amqp://127.0.0.1/")]
    [InlineData("--Lock:Groups=4", "demo")]
    public async Task A_demo_with_what_it_does_not_know_fails_and_says_so(params string[] arguments)
    {
        await using var demo = ServiceProcess.Start(
            ServiceProcessOptions.Service(Project, "demo", arguments));
        (await demo.ExitAsync(Patience)).ShouldBe(RefusedExitCode);
        demo.Output().ShouldContain("is nothing for demo");
    }

    [Fact]
    public async Task A_demo_of_a_folder_that_is_not_there_fails_and_says_so()
    {
        await using var demo = ServiceProcess.Start(
            ServiceProcessOptions.Service(Project, "demo", "demo", "no-such-folder"));
        (await demo.ExitAsync(Patience)).ShouldBe(1);
        demo.Output().ShouldContain("does not exist");
    }

    [Fact]
    public async Task A_demo_of_too_few_files_fails_and_says_so()
    {
        var folder = Scratch.NewFolder("demo-small");
        for (var file = 0; file < 11; file++)
        {
            await File.WriteAllTextAsync(Path.Combine(folder, $"{file}.txt"), "words to count", Cancel);
        }
        await using var demo = ServiceProcess.Start(
            ServiceProcessOptions.Service(Project, "demo", "demo", folder));
        (await demo.ExitAsync(Patience)).ShouldBe(1);
        demo.Output().ShouldContain("has 11 files");
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>
    /// Writes above the limit fail, and do not end the process by a signal; the runtime's own doubly mapped
    /// code counts as a file too, so it is left out.
    /// </summary>
    private static ServiceProcessOptions Limited(int kibibytes, string data)
    {
        var host = ServiceProcessOptions.Service(Project, "host-limited", "--data", data);
        return host with
        {
            FileName = "bash",
            Arguments =
            [
                "-c", $"trap '' XFSZ; ulimit -f {kibibytes}; exec \"$@\"", "limited", host.FileName,
                .. host.Arguments,
            ],
            Environment = new Dictionary<string, string> { ["DOTNET_EnableWriteXorExecute"] = "0" },
        };
    }

    private static ServiceProcess Start(string name, string data, params string[] arguments) =>
        ServiceProcess.Start(ServiceProcessOptions.Service(Project, name, ["--data", data, .. arguments]));

    private static async Task<Uri> HealthOf(ServiceProcess host)
    {
        var line = await host.WaitForLineAsync("health  http", Patience);
        return new Uri(new Uri(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]), "/");
    }
}
