using Microsoft.Extensions.DependencyInjection;
using Muster.Hosting;
using Shouldly;

namespace Muster.Endpoints.Tests.Telemetry;

/// <summary><c>--probe URL</c>, a container's health check.</summary>
public sealed class ProbeTests
{
    [Fact]
    public async Task It_ends_with_0_while_the_service_is_ready_and_with_1_while_not()
    {
        var part = new SwitchedPart("probed part");
        await using var host = await TelemetryHost.StartAsync(
            [], services => services.AddSingleton<IHealthSource>(part));
        var (code, output, _) = await ProbeAsync("--probe", $"{host.Address}health/ready");
        code.ShouldBe(1);
        output.ShouldContain("\"name\":\"probed part\",\"ready\":false");
        (await ProbeAsync("--probe", $"{host.Address}health/live")).Code.ShouldBe(0);
        part.IsReady = true;
        (code, output, _) = await ProbeAsync("--probe", $"{host.Address}health/ready");
        code.ShouldBe(0);
        output.ShouldContain("{\"ready\":true");
        var address = host.Address;
        await host.StopAsync();
        (code, _, var errors) = await ProbeAsync("--probe", $"{address}health/live");
        code.ShouldBe(1);
        errors.ShouldStartWith($"No answer from {address}health/live");
    }

    [Theory]
    [InlineData("--probe")]
    [InlineData("--probe", "/health/ready")]
    [InlineData("--probe", "file:///etc/hostname")]
    [InlineData("--probe", "http://127.0.0.1:1/", "more")]
    public async Task A_probe_without_one_address_is_refused(params string[] arguments)
    {
        var (code, output, errors) = await ProbeAsync(arguments);
        code.ShouldBe(1);
        output.ShouldBeEmpty();
        errors.ShouldStartWith("--probe takes one address");
    }

    [Theory]
    [InlineData]
    [InlineData("--Health:Url=http://127.0.0.1:8080")]
    [InlineData("run", "--probe")]
    public async Task Another_command_line_runs_the_service(params string[] arguments) =>
        (await ProbeAsync(arguments)).ShouldBe((null, "", ""));

    private static async Task<(int? Code, string Output, string Errors)> ProbeAsync(
        params string[] arguments)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var code = await HealthProbe.TryRunAsync(arguments, output, errors);
        return (code, output.ToString(), errors.ToString());
    }
}
