using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Muster.Broker;
using Muster.Bus;
using Muster.Client;
using Muster.Host.Embedded;
using Muster.Host.Tests.Decisions;
using Muster.Hosting;
using Xunit;

namespace Muster.Host.Tests.Locks;

/// <summary>An embedded host for the tests of one class.</summary>
public abstract class EmbeddedCluster(int groups) : IAsyncLifetime
{
    private readonly IHost _host = EmbeddedHost.Build(
        Scratch.NewFolder("locks"),
        ["--Health:Url=http://127.0.0.1:0", $"--Lock:Groups={groups}"],
        LogLevel.None);

    public async ValueTask InitializeAsync()
    {
        await _host.StartAsync(TestContext.Current.CancellationToken);
        await NodesOfOneProcess.UntilAsync(
            () => _host.Services.GetServices<IHealthSource>().All(source => source.IsReady),
            () => "all are ready");
    }

    public MusterClient NewClient(string owner) => NewClient(new MusterOptions { Owner = owner });

    public MusterClient NewClient(MusterOptions options) =>
        new(options, Links);

    public ILinkFactory Links => _host.Services.GetRequiredService<ILinkFactory>();

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        _host.Dispose();
        GC.SuppressFinalize(this);
    }
}

/// <summary>All locks in one log.</summary>
public sealed class OneGroup() : EmbeddedCluster(1);

/// <summary>Locks in four logs, by name.</summary>
public sealed class FourGroups() : EmbeddedCluster(4);
