using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Muster.Hosting;
using Shouldly;

namespace Muster.Endpoints.Tests.Telemetry;

/// <summary><c>/metrics</c>: what a process's sources know, in Prometheus' text form.</summary>
public sealed class MetricsTests
{
    [Fact]
    public async Task Each_parts_health_is_a_gauge()
    {
        var link = new SwitchedPart("link of metrics") { IsReady = true };
        var log = new SwitchedPart("log of metrics");
        await using var host = await TelemetryHost.StartAsync(new() { ["Health:Url"] = "http://0.0.0.0:0" },
            services => services.AddSingleton<IHealthSource>(link).AddSingleton<IHealthSource>(log));
        var address = new UriBuilder(host.Address) { Host = "127.0.0.1", Path = "/metrics" }.Uri;
        using var client = new HttpClient();
        var lines = Lines(await client.GetStringAsync(address, TestContext.Current.CancellationToken));
        Value(lines, "muster_health_ready", "source=\"link of metrics\"").ShouldBe("1");
        Value(lines, "muster_health_ready", "source=\"log of metrics\"").ShouldBe("0");
        lines.ShouldContain(line => line.StartsWith("target_info{", StringComparison.Ordinal)
            && line.Contains("service_name=\"muster-sample\"")
            && line.Contains("service_instance_id=\""));
        lines.ShouldContain(line => line.StartsWith("dotnet_", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_change_is_seen_by_a_later_scrape()
    {
        var part = new SwitchedPart("part that changes");
        await using var host = await TelemetryHost.StartAsync(
            [], services => services.AddSingleton<IHealthSource>(part));
        Value(Lines(await host.ReadAsync("/metrics")), "muster_health_ready", "part that changes")
            .ShouldBe("0");
        part.IsReady = true;
        // A scrape right after another may get the same page: the exporter keeps one for a moment.
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10), TimeProvider.System);
        while (Value(Lines(await host.ReadAsync("/metrics")), "muster_health_ready", "part that changes")
            != "1")
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, limit.Token);
        }
    }

    [Fact]
    public async Task Sources_of_a_kind_share_an_instrument_and_keep_their_labels()
    {
        await using var host = await TelemetryHost.StartAsync([], services => services
            .AddSingleton<IMetricSource>(new Member("m1", 41, 7))
            .AddSingleton<IMetricSource>(new Member("m2", 42, 9)));
        var lines = Lines(await host.ReadAsync("/metrics"));
        Value(lines, "muster_group_term", "group=\"sample\",member=\"m1\"").ShouldBe("41");
        Value(lines, "muster_group_term", "group=\"sample\",member=\"m2\"").ShouldBe("42");
        Value(lines, "muster_group_elections_total", "group=\"sample\",member=\"m2\"").ShouldBe("9");
        lines.Count(line => line.StartsWith("# TYPE muster_group_term ", StringComparison.Ordinal))
            .ShouldBe(1);
        lines.ShouldContain("# TYPE muster_group_elections_total counter");
    }

    [Fact]
    public async Task It_can_be_left_out()
    {
        await using var host = await TelemetryHost.StartAsync(new() { ["Telemetry:Prometheus"] = "false" });
        using var metrics = await host.GetAsync("/metrics");
        metrics.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        using var live = await host.GetAsync("/health/live");
        live.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private static string[] Lines(string page) => page.Split('\n');

    /// <summary>The value of the one series whose labels contain these.</summary>
    private static string Value(string[] lines, string name, string labels)
    {
        var line = lines.Where(line =>
                line.StartsWith(name + "{", StringComparison.Ordinal) && line.Contains(labels))
            .ShouldHaveSingleItem();
        return line[(line.IndexOf('}') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
    }

    private sealed class Member(string name, long term, long elections) : IMetricSource
    {
        public IReadOnlyList<Metric> Metrics { get; } = [GroupMetrics.Term, GroupMetrics.Elections];

        public IEnumerable<MetricReading> ReadMetrics() =>
        [
            GroupMetrics.Of(GroupMetrics.Term, "sample", name, term),
            GroupMetrics.Of(GroupMetrics.Elections, "sample", name, elections),
        ];
    }
}
