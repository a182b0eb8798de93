using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Muster.Hosting;
using Shouldly;

namespace Muster.Endpoints.Tests;

/// <summary>Health and status over HTTP.</summary>
public sealed class WebTests
{
    [Fact]
    public async Task It_is_ready_when_every_part_is()
    {
        var link = new Part("link") { IsReady = true };
        var log = new Part("log") { IsReady = false };
        await using var web = await StartAsync(link, log);

        (await web.GetAsync("/health/live")).Code.ShouldBe(HttpStatusCode.OK);
        var (code, body) = await web.GetAsync("/health/ready");
        code.ShouldBe(HttpStatusCode.ServiceUnavailable);
        body.ShouldBe("""{"ready":false,"parts":["""
            + """{"name":"link","ready":true,"detail":"link True"},"""
            + """{"name":"log","ready":false,"detail":"log False"}]}""");
        log.IsReady = true;
        (await web.GetAsync("/health")).Code.ShouldBe(HttpStatusCode.OK);
        (await web.GetAsync("/else")).Code.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Status_has_a_section_per_source()
    {
        await using var web = await StartAsync(new Part("link") { IsReady = true });
        var (code, body) = await web.GetAsync("/status");
        code.ShouldBe(HttpStatusCode.OK);
        using var status = JsonDocument.Parse(body);
        status.RootElement.GetProperty("link").GetProperty("readCount").GetInt32().ShouldBe(1);
        status.RootElement.GetProperty("version").GetString().ShouldBe(ServiceStart.Version);
        status.RootElement.GetProperty("health")[0].GetProperty("name").GetString().ShouldBe("link");
    }

    [Fact]
    public async Task It_listens_on_loopback_and_nowhere_else()
    {
        Environment.SetEnvironmentVariable("ASPNETCORE_URLS", "http://0.0.0.0:0");
        await using var web = await StartAsync();
        Environment.SetEnvironmentVariable("ASPNETCORE_URLS", null);
        web.Address.Host.ShouldBe("127.0.0.1");
        web.Address.Port.ShouldBeGreaterThan(0);
    }

    private static async Task<RunningWeb> StartAsync(params Part[] parts)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        foreach (var part in parts)
        {
            builder.Services.AddSingleton<IHealthSource>(part);
            builder.Services.AddSingleton<IStatusSource>(part);
        }
        builder.Services.AddMusterWeb();
        var host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        return new RunningWeb(host);
    }

    private sealed class RunningWeb(IHost host) : IAsyncDisposable
    {
        private readonly HttpClient _client = new();

        public Uri Address { get; } = host.Services.GetRequiredService<MusterWeb>().Address!;

        public async Task<(HttpStatusCode Code, string Body)> GetAsync(string path)
        {
            using var response = await _client.GetAsync(
                new Uri(Address, path), TestContext.Current.CancellationToken);
            return (response.StatusCode, await response.Content.ReadAsStringAsync());
        }

        public async ValueTask DisposeAsync()
        {
            _client.Dispose();
            await host.StopAsync();
            host.Dispose();
        }
    }

    private sealed class Part(string name) : IHealthSource, IStatusSource
    {
        private int _readCount;

        public string Name => name;

        public bool IsReady { get; set; }

        public string Detail => $"{name} {IsReady}";

        public object Read() => new { ReadCount = Interlocked.Increment(ref _readCount) };
    }
}
