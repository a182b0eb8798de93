using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;
using Muster.Hosting;
using Shouldly;

namespace Muster.Endpoints.Tests.Telemetry;

/// <summary>Section <c>Telemetry</c>: what cannot work stops the start; the log's form.</summary>
public sealed class TelemetryOptionsTests
{
    [Fact]
    public void The_defaults_export_nothing_and_are_sound()
    {
        var options = new TelemetryOptions();
        TelemetryOptions.Problems(options).ShouldBeEmpty();
        options.Otlp.ShouldBeNull();
        options.JsonLogs.ShouldBeFalse();
        options.Prometheus.ShouldBeTrue();
    }

    [Theory]
    [InlineData("http://collector:4317", true)]
    [InlineData("https://collector.example/otlp", true)]
    [InlineData("ftp://collector", false)]
    [InlineData("collector:4317", false)]
    [InlineData("http://user:secret@collector:4317", false)]
    [InlineData("http://collector:4317/?key=secret", false)]
    public void A_collector_is_a_plain_http_address(string uri, bool isGood) =>
        TelemetryOptions.Problems(new() { Otlp = new Uri(uri, UriKind.RelativeOrAbsolute) }).Any()
            .ShouldBe(!isGood);

    [Theory]
    [InlineData("Otlp", "http://user:secret@collector", "Telemetry:Otlp is 'http://user:***@collector'")]
    [InlineData("OtlpProtocol", "7", "Telemetry:OtlpProtocol is 7: Grpc or Http.")]
    [InlineData("OtlpInterval", "0:00:00.1", "Telemetry:OtlpInterval is 00:00:00.1000000")]
    [InlineData("TraceSampling", "1.5", "Telemetry:TraceSampling is 1.5: 0 to 1.")]
    [InlineData("TraceSampling", "-0.1", "Telemetry:TraceSampling is -0.1: 0 to 1.")]
    [InlineData("TraceSampling", "NaN", "Telemetry:TraceSampling is NaN: 0 to 1.")]
    public async Task A_process_with_a_bad_value_does_not_start(string name, string value, string problem)
    {
        var failure = await Should.ThrowAsync<OptionsValidationException>(() => StartAsync(name, value));
        failure.Message.ShouldContain(problem);
        failure.Message.ShouldNotContain("secret");
    }

    [Theory]
    [InlineData("Promethius", "true", "Promethius")]
    [InlineData("JsonLogs", "sometimes", "JsonLogs")]
    public async Task Nor_does_one_with_an_unknown_name_or_form(string name, string value, string problem)
    {
        var failure = await Should.ThrowAsync<OptionsValidationException>(() => StartAsync(name, value));
        failure.Message.ShouldContain(problem);
    }

    [Fact]
    public async Task A_json_log_line_is_one_object_with_the_events_id()
    {
        var line = await WriteAsync("true");
        line.Count(c => c == '\n').ShouldBe(1);
        using var json = JsonDocument.Parse(line);
        json.RootElement.GetProperty("EventId").GetInt32().ShouldBe(9002);
        json.RootElement.GetProperty("LogLevel").GetString().ShouldBe("Warning");
        json.RootElement.GetProperty("Message").GetString().ShouldBe("two\nlines");
        var stamp = json.RootElement.GetProperty("Timestamp").GetDateTimeOffset();
        stamp.Offset.ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public async Task A_text_log_line_is_one_line_with_the_events_id()
    {
        var line = await WriteAsync("false");
        line.Count(c => c == '\n').ShouldBe(1);
        line.ShouldMatch(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z warn: Muster\.Sample\[9002\] two lines");
    }

    private static async Task StartAsync(string name, string value)
    {
        using var host = TelemetryHost.Build(new() { ["Telemetry:" + name] = value });
        await host.StartAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Through the formatter that the console logger picks by its options.</summary>
    private static async Task<string> WriteAsync(string jsonLogs)
    {
        await using var host = await TelemetryHost.StartAsync(new() { ["Telemetry:JsonLogs"] = jsonLogs });
        var chosen = host.Services.GetRequiredService<IOptions<ConsoleLoggerOptions>>().Value.FormatterName;
        var formatter = host.Services.GetServices<ConsoleFormatter>().Single(one => one.Name == chosen);
        host.Services.GetServices<ILoggerProvider>().OfType<ConsoleLoggerProvider>().ShouldHaveSingleItem();
        using var text = new StringWriter();
        formatter.Write(
            new LogEntry<string>(
                LogLevel.Warning, "Muster.Sample", 9002, "two\nlines", null, (state, _) => state),
            null, text);
        return text.ToString();
    }
}
