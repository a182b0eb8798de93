using Shouldly;
using Xunit;

namespace Muster.Stack.Tests;

/// <summary>
/// The README's third and fourth command: the stack comes up, and the demo passes against it.
/// </summary>
public sealed class StackTests(ComposeStack stack)
{
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

        await using var demo = new StackDemo(stack);

        await demo.PassesAsync();
    }

    /// <summary>
    /// A container of each kind dies under the demo's load, one after the other, and comes back.
    /// <c>MUSTER_STACK=every</c> takes every container, each in a demo of its own, which takes longer.
    /// </summary>
    [Theory]
    [MemberData(nameof(Victims))]
    public async Task The_demo_passes_its_audit_while_containers_are_killed(string services)
    {
        var compose = await stack.HealthyAsync();
        await using var demo = new StackDemo(stack);
        await demo.IsUnderWayAsync();

        foreach (var service in services.Split(' '))
        {
            demo.HasEnded.ShouldBeFalse(service + " is to die under load");
            await compose.KillAsync(service);
            await compose.StartAsync(service);
        }

        await demo.PassesAsync();
    }

    [Theory]
    [InlineData("redis")]
    [InlineData("rabbitmq")]
    public async Task The_demo_passes_its_audit_while_what_it_stands_on_is_restarted(string service)
    {
        var compose = await stack.HealthyAsync();
        await using var demo = new StackDemo(stack);
        await demo.IsUnderWayAsync();

        await compose.RestartAsync(service);

        await demo.PassesAsync();
    }

    public static TheoryData<string> Victims() =>
        Environment.GetEnvironmentVariable("MUSTER_STACK") == "every"
            ? [.. Compose.Services]
            : ["consensus-1 lock-1 registry-1 detector-1 recovery-1"];
}
