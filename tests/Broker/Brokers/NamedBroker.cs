namespace Muster.Broker;

/// <summary>
/// A broker that the environment names: the tests use it under cluster names of their own and leave it
/// running.
/// </summary>
internal sealed class NamedBroker(Uri uri, bool hasEventExchange) : IBroker
{
    public Uri Uri => uri;

    public string Description =>
        $"the broker at {uri.Host}:{uri.Port} (named by {BrokerChoice.NamedVariable})";

    public bool HasEventExchange => hasEventExchange;

    public bool CanControl => false;

    public bool IsRunning => true;

    public Task StopAsync() => throw NotOurs();

    public Task StartAsync() => throw NotOurs();

    public Task BlockAsync() => throw NotOurs();

    public Task UnblockAsync() => throw NotOurs();

    public Task PauseAsync() => throw NotOurs();

    public Task ResumeAsync() => throw NotOurs();

    public Task<string> RabbitmqctlAsync(params string[] arguments) => throw NotOurs();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private NotSupportedException NotOurs() => new($"{Description} is not the tests' to control.");
}
