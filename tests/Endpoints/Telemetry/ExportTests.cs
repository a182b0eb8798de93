using System.Diagnostics;
using MassTransit;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Muster.Bus;
using Muster.Contracts.Lock;
using Muster.Hosting;
using Shouldly;

namespace Muster.Endpoints.Tests.Telemetry;

/// <summary>Traces and metrics really leave for a collector, and only where there is one.</summary>
public sealed class ExportTests
{
    private const int Trouble = 9031;

    [Fact]
    public async Task Metrics_and_traces_are_posted_as_protobuf()
    {
        await using var collector = await Collector.StartAsync();
        await using var host = await StartAsync(collector, "Http");
        using var source = new ActivitySource("Muster.ExportTests.Http");
        source.StartActivity("a command over http").ShouldNotBeNull().Dispose();
        await host.StopAsync();

        var exports = collector.Exports;
        exports.Select(export => export.ContentType).ShouldAllBe(type => type == "application/x-protobuf");
        exports.ShouldContain(export => export.Path == "/v1/traces"
            && export.Contains("a command over http") && export.Contains("muster-sample"));
        exports.ShouldContain(export => export.Path == "/v1/metrics"
            && export.Contains("muster.health.ready") && export.Contains("muster-sample"));
    }

    [Fact]
    public async Task Or_over_grpc()
    {
        await using var collector = await Collector.StartAsync(HttpProtocols.Http2);
        await using var host = await StartAsync(collector, "Grpc");
        using var source = new ActivitySource("Muster.ExportTests.Grpc");
        source.StartActivity("a command over grpc").ShouldNotBeNull().Dispose();
        await host.StopAsync();

        var exports = collector.Exports;
        exports.Select(export => export.ContentType).ShouldAllBe(type => type == "application/grpc");
        exports.ShouldContain(export => export.Contains("a command over grpc")
            && export.Path == "/opentelemetry.proto.collector.trace.v1.TraceService/Export");
        exports.ShouldContain(export => export.Contains("muster.health.ready")
            && export.Path == "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export");
    }

    [Fact]
    public async Task A_public_commands_way_through_the_endpoint_is_traced()
    {
        await using var collector = await Collector.StartAsync();
        await using var host = await StartAsync(collector, "Http", configure: services =>
        {
            services.AddSingleton<TakenMessages>();
            services.AddSingleton<IBusLink>(new RecordingLink());
            services.AddSingleton<IReplySender, ReplySender>();
            services.AddMusterEndpointsInMemory(
                endpoints => endpoints.AddConsumer<SampleConsumer, SampleDefinition>());
        });
        await host.Services.GetRequiredService<IBus>().Publish(
            new ReleaseLock { Name = "traced" }, TestContext.Current.CancellationToken);
        await host.Services.GetRequiredService<TakenMessages>()
            .NextAsync(TestContext.Current.CancellationToken);
        await host.StopAsync();
        collector.Exports.ShouldContain(export => export.Path == "/v1/traces"
            && export.Contains(nameof(ReleaseLock)));
    }

    [Fact]
    public async Task No_new_trace_is_sent_when_none_is_sampled()
    {
        await using var collector = await Collector.StartAsync();
        await using var host = await StartAsync(collector, "Http", sampling: "0");
        using var source = new ActivitySource("Muster.ExportTests.Sampling");
        source.StartActivity("an unwanted command")?.Dispose();
        await host.StopAsync();
        collector.Exports.ShouldContain(export => export.Path == "/v1/metrics");
        collector.Exports.ShouldNotContain(export => export.Contains("an unwanted command"));
    }

    [Fact]
    public async Task A_collector_that_refuses_is_named_in_the_log()
    {
        var log = new TroubleLog();
        await using var collector =
            await Collector.StartAsync(status: StatusCodes.Status400BadRequest);
        await using var host = await StartAsync(
            collector, "Http", configure: services => services.AddSingleton<ILoggerProvider>(log));
        await host.StopAsync();
        log.Lines.ShouldContain(line => line.Contains($"{collector.Address.Port}"));
    }

    private static Task<TelemetryHost> StartAsync(
        Collector collector, string protocol, string sampling = "1",
        Action<IServiceCollection>? configure = null) =>
        TelemetryHost.StartAsync(
            new()
            {
                ["Telemetry:Otlp"] = collector.Address.ToString(),
                ["Telemetry:OtlpProtocol"] = protocol,
                ["Telemetry:TraceSampling"] = sampling,
            },
            services =>
            {
                services.AddSingleton<IHealthSource>(new SwitchedPart("exported part"));
                configure?.Invoke(services);
            });

    private sealed class TroubleLog : ILoggerProvider, ILogger
    {
        private readonly List<string> _lines = [];

        public IReadOnlyList<string> Lines
        {
            get
            {
                lock (_lines)
                {
                    return [.. _lines];
                }
            }
        }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (eventId.Id == Trouble)
            {
                lock (_lines)
                {
                    _lines.Add(formatter(state, exception));
                }
            }
        }

        public void Dispose()
        {
        }
    }
}
