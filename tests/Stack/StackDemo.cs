using Muster.Broker;
using Shouldly;

namespace Muster.Stack.Tests;

/// <summary>The README's fourth command, against the stack.</summary>
internal sealed class StackDemo(ComposeStack stack) : IAsyncDisposable
{
    private const string Host = "services/Host/Muster.Host.csproj";

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    private readonly ServiceProcess _process = ServiceProcess.Start(ServiceProcessOptions.Service(
        Host, "demo", "demo", RepositoryRoot.Path, "--attach",
        "--bus", stack.Broker.ToString(), "--redis", stack.Redis));

    public bool HasEnded => _process.HasExited;

    public Task IsUnderWayAsync() => _process.WaitForLineAsync("the first lock is granted", StartLimit);

    public async Task PassesAsync()
    {
        (await _process.ExitAsync(Limit)).ShouldBe(0, _process.Output());
        _process.Output().ShouldContain("The audit passed.");
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
