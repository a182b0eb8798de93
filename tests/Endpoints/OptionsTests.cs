using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Muster.Hosting;
using Shouldly;

namespace Muster.Endpoints.Tests;

/// <summary>
/// A process does not start with options that cannot work, and says why without telling secrets.
/// </summary>
public sealed class OptionsTests
{
    [Theory]
    [InlineData("amqp://guest:guest@localhost:5672/")]
    [InlineData("amqps://user:p%40ss@broker/blue")]
    [InlineData("amqp://broker")]
    public void Good_addresses_pass(string uri) =>
        MusterBusOptions.ProblemsOnRabbitMq(new() { Uri = new Uri(uri) }).ShouldBeEmpty();

    [Theory]
    [InlineData("http://user:secret@broker", "'http://user:***@broker'")]
    [InlineData("amqp://user:sec:ret@broker/a/b", "'amqp://user:***@broker/a/b'")]
    [InlineData("user:secret@broker", "'user:***@broker'")]
    public void Bad_addresses_are_named_without_their_password(string uri, string shown)
    {
        var options = new MusterBusOptions { Uri = new Uri(uri, UriKind.RelativeOrAbsolute) };
        var problem = MusterBusOptions.ProblemsOnRabbitMq(options)
            .ShouldHaveSingleItem();
        problem.ShouldContain(shown);
        problem.ShouldNotContain("secret");
        problem.ShouldNotContain("sec:ret");
    }

    [Fact]
    public void Every_problem_is_told_with_its_value()
    {
        var options = new MusterBusOptions { Cluster = "Blue.", MaxMessageBytes = 100 };
        MusterBusOptions.ProblemsOnRabbitMq(options).ShouldBe([
            "Bus:Cluster is 'Blue.': 1 to 32 of a-z, 0-9 and hyphen, starting with a letter.",
            "Bus:MaxMessageBytes is 100: 1024 to 16777216.",
            "Bus:Uri is not set: amqp://user:password@host:port/vhost (environment Bus__Uri)."]);
    }

    [Theory]
    [InlineData("http://127.0.0.1:0", true)]
    [InlineData("http://localhost:8080", true)]
    [InlineData("http://0.0.0.0:8080", true)]
    [InlineData("http://[::1]:8080", true)]
    [InlineData("https://127.0.0.1:0", false)]
    [InlineData("http://example.org:80", false)]
    [InlineData("http://127.0.0.1:80/path", false)]
    public void Health_listens_on_an_ip_address_alone(string url, bool isGood) =>
        HealthOptions.Problems(new() { Url = new Uri(url) }).Any().ShouldBe(!isGood);

    /// <summary>What an unset variable of a container's file makes of it.</summary>
    [Fact]
    public void An_empty_health_address_is_named() =>
        HealthOptions.Problems(new() { Url = null! })
            .ShouldHaveSingleItem().ShouldContain("Health:Url is ''");

    [Fact]
    public async Task A_process_with_a_bad_option_does_not_start()
    {
        using var host = Build(new()
        {
            ["Bus:Uri"] = "amqp://u:secret@broker/a/b",
            ["Bus:Cluster"] = "UPPER",
        });
        var failure = await Should.ThrowAsync<OptionsValidationException>(
            () => host.StartAsync(TestContext.Current.CancellationToken));
        failure.Failures.Count().ShouldBe(2);
        failure.Message.ShouldNotContain("secret");
    }

    [Fact]
    public async Task A_process_with_a_misspelled_option_does_not_start()
    {
        using var host = Build(new() { ["Bus:Uri"] = "amqp://broker", ["Bus:Clutser"] = "blue" });
        var failure = await Should.ThrowAsync<OptionsValidationException>(
            () => host.StartAsync(TestContext.Current.CancellationToken));
        failure.Message.ShouldContain("Clutser");
    }

    /// <summary>As a supervisor needs it: refused for good, in one line, and no crash.</summary>
    [Theory]
    [InlineData("--Bus:Clutser=blue", "Clutser")]
    [InlineData("--Bus:Uri=amqp://[", "Bus:Uri")]
    [InlineData("--Bus:Uri=amqp://u:sec/ret@h/", "Bus:Uri")]
    [InlineData("--Bus:Uri=amqps://u:sec#'ret@h/", "Bus:Uri")]
    [InlineData("--Bus:Uri=amqp://u:secret", "Bus:Uri")]
    public async Task A_process_with_a_misspelled_or_impossible_option_ends_as_refused(
        string argument, string named)
    {
        var errors = Console.Error;
        using var told = new StringWriter();
        Console.SetError(told);
        try
        {
            var exit = await ServiceProcess.RunAsync(
                [argument], "test", services => services.AddMusterEndpoints(_ => { }));
            exit.ShouldBe(ProcessExit.Refused);
        }
        finally
        {
            Console.SetError(errors);
        }
        told.ToString().TrimEnd().ShouldSatisfyAllConditions(
            line => line.ShouldContain(named), line => line.ShouldNotContain("\n"),
            line => line.ShouldNotContain("sec"));
    }

    private static IHost Build(Dictionary<string, string?> settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Services.AddMusterEndpoints(_ => { });
        return builder.Build();
    }
}
