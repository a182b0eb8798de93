using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Muster.Endpoints.Tests.Telemetry;

/// <summary>An OpenTelemetry collector that only remembers what was posted.</summary>
public sealed class Collector : IAsyncDisposable
{
    private const string Grpc = "application/grpc";

    private readonly WebApplication _application;
    private readonly ConcurrentQueue<Export> _exports = new();

    private Collector(HttpProtocols protocols, int status)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(
            System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = protocols));
        builder.Services.AddRoutingCore();
        _application = builder.Build();
        _application.MapPost("/{**path}", async (HttpContext context) =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            _exports.Enqueue(new Export(
                context.Request.Path, context.Request.ContentType ?? "", body.ToArray()));
            context.Response.StatusCode = status;
            if (context.Request.ContentType == Grpc)
            {
                await AnswerGrpcAsync(context.Response);
            }
        });
    }

    public IReadOnlyList<Export> Exports => [.. _exports];

    public Uri Address => new(_application.Urls.Single());

    public static async Task<Collector> StartAsync(
        HttpProtocols protocols = HttpProtocols.Http1, int status = StatusCodes.Status200OK)
    {
        var collector = new Collector(protocols, status);
        await collector._application.StartAsync(TestContext.Current.CancellationToken);
        return collector;
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    /// <summary>An empty message after its five bytes of head, and the status in a trailer.</summary>
    private static async Task AnswerGrpcAsync(HttpResponse response)
    {
        response.ContentType = Grpc;
        await response.Body.WriteAsync(new byte[5]);
        response.AppendTrailer("grpc-status", "0");
    }

    public sealed record Export(string Path, string ContentType, byte[] Body)
    {
        /// <summary>A name is plain bytes in protobuf.</summary>
        public bool Contains(string name) =>
            Body.AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes(name)) >= 0;
    }
}
