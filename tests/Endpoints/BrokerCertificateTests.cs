using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Muster.Bus;
using Muster.Hosting;
using Shouldly;

namespace Muster.Endpoints.Tests;

/// <summary>
/// Over amqps nobody speaks to a broker that cannot prove who it is: the first words have the password.
/// </summary>
public sealed class BrokerCertificateTests : IAsyncLifetime
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly X509Certificate2 _certificate = SelfSigned();

    private Uri Broker => new($"amqps://service:secret@{_listener.LocalEndpoint}/");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        _listener.Start();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        _listener.Dispose();
        _certificate.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Endpoints_say_nothing_to_a_broker_that_signed_its_certificate_itself()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(
            new Dictionary<string, string?> { ["Bus:Uri"] = Broker.ToString() });
        builder.Services.AddMusterEndpoints(_ => { });
        using var host = builder.Build();

        var heard = HearAsync();
        await host.StartAsync(Cancel);

        (await heard).ShouldBe(0);
        await host.StopAsync(Cancel);
    }

    [Fact]
    public async Task A_link_says_nothing_to_a_broker_that_signed_its_certificate_itself()
    {
        await using var link = new RabbitLinkFactory(
            new RabbitLinkSettings { Broker = Broker }, new BusNames(BusNames.DefaultCluster),
            NullLoggerFactory.Instance)
            .Create(new LinkOptions { Address = "client.1", OnMessage = _ => { } });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);

        var heard = HearAsync();
        var starting = link.StartAsync(stop.Token);

        (await heard).ShouldBe(0);
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => starting);
    }

    /// <summary>
    /// How many bytes the first who connects says, once the connection is secret; 8 begin AMQP.
    /// </summary>
    private async Task<int> HearAsync()
    {
        using var client = await _listener.AcceptTcpClientAsync(Cancel);
        using var secret = new SslStream(client.GetStream());
        try
        {
            await secret.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions { ServerCertificate = _certificate }, Cancel);
            return await secret.ReadAtLeastAsync(new byte[8], 8, throwOnEndOfStream: false, Cancel);
        }
        catch (Exception refused) when (refused is IOException or AuthenticationException)
        {
            return 0;
        }
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=broker", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddHours(-1), now.AddHours(1));
    }
}
