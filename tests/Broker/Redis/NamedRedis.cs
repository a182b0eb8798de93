namespace Muster.Broker;

/// <summary>
/// A Redis that the environment names: the tests use it under cluster names of their own and leave it
/// running.
/// </summary>
internal sealed class NamedRedis(string connection) : IRedis
{
    public string Connection => connection;

    public string Description => $"the Redis named by {RedisChoice.NamedVariable}";

    public bool CanControl => false;

    public Task StopAsync() => throw NotOurs();

    public Task StartAsync() => throw NotOurs();

    public Task CommandAsync(string command, params object[] arguments) => throw NotOurs();

    public Task RestoreAsync() => Task.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private NotSupportedException NotOurs() => new($"{Description} is not the tests' to control.");
}
