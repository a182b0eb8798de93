using Muster.Broker;
using Shouldly;
using Xunit;

namespace Muster.Stack.Tests;

/// <summary>
/// The README's third and fourth command: the stack comes up, and the demo passes against it.
/// </summary>
public sealed class StackTests(ComposeStack stack)
{
    private const string Host = "services/Host/Muster.Host.csproj";

    private static readonly TimeSpan DemoLimit = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task Every_container_is_healthy_and_none_runs_as_root()
    {
        var compose = await stack.HealthyAsync();

        foreach (var service in Compose.Services)
        {
            (await compose.HealthAsync(service)).ShouldBe("running healthy", service);
            (await compose.UserAsync(service)).ShouldNotBe("0", service);
        }
    }

    [Fact]
    public async Task The_demo_passes_against_the_stack()
    {
        await stack.HealthyAsync();

        await using var demo = StartDemo();

        await PassesAsync(demo);
    }

    /// <summary>
    /// A container of each kind dies under the demo's load and comes back; then the broker and Redis are
    /// restarted under it. <c>MUSTER_STACK=every</c> takes every container, which takes longer.
    /// </summary>
    [Theory]
    [MemberData(nameof(Victims))]
    public async Task The_demo_passes_its_audit_while_a_container_is_killed(string service)
    {
        var compose = await stack.HealthyAsync();
        await using var demo = StartDemo();
        await demo.WaitForLineAsync("the first lock is granted", TimeSpan.FromSeconds(30));

        await compose.KillAsync(service);
        await compose.StartAsync(service);

        await PassesAsync(demo);
    }

    [Theory]
    [InlineData("redis")]
    [InlineData("rabbitmq")]
    public async Task The_demo_passes_its_audit_while_what_it_stands_on_is_restarted(string service)
    {
        var compose = await stack.HealthyAsync();
        await using var demo = StartDemo();
        await demo.WaitForLineAsync("the first lock is granted", TimeSpan.FromSeconds(30));

        await compose.RestartAsync(service);

        await PassesAsync(demo);
    }

    /// <summary>
    /// Cut off from the network for longer than an election or a renewal takes, with every connection left to
    /// find that out by itself; then healed.
    /// </summary>
    [Theory]
    [InlineData("consensus-2")]
    [InlineData("lock-2")]
    public async Task The_demo_passes_its_audit_while_a_container_is_cut_off(string service)
    {
        var compose = await stack.HealthyAsync();
        await using var demo = StartDemo();
        await demo.WaitForLineAsync("the first lock is granted", TimeSpan.FromSeconds(30));

        await compose.CutOffAsync(service);
        try
        {
            await PassesAsync(demo);
        }
        finally
        {
            await compose.HealAsync(service);
        }

        await compose.WaitForHealthAsync(TimeSpan.FromMinutes(1));
    }

    public static TheoryData<string> Victims() =>
        Environment.GetEnvironmentVariable("MUSTER_STACK") == "every"
            ? [.. Compose.Services]
            : ["consensus-1", "lock-1", "registry-1", "detector-1", "recovery-1"];

    private ServiceProcess StartDemo() => ServiceProcess.Start(ServiceProcessOptions.Service(
        Host, "demo", "demo", RepositoryRoot.Path, "--attach",
        "--bus", stack.Broker.ToString(), "--redis", stack.Redis));

    private static async Task PassesAsync(ServiceProcess demo)
    {
        (await demo.ExitAsync(DemoLimit)).ShouldBe(0, demo.Output());
        demo.Output().ShouldContain("The audit passed.");
    }
}
