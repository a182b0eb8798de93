namespace Muster.Broker;

/// <summary>A Redis for tests, started by them or named by the environment.</summary>
public interface IRedis : IAsyncDisposable
{
    /// <summary>
    /// StackExchange.Redis' configuration string; the same for the server's whole life, restarts included.
    /// </summary>
    string Connection { get; }

    /// <summary>What it is, for the reader of a test's output.</summary>
    string Description { get; }

    /// <summary>
    /// The tests own it and may stop and command it. Otherwise the members below throw.
    /// </summary>
    bool CanControl { get; }

    /// <summary>Ends the server; nothing is kept.</summary>
    Task StopAsync();

    /// <summary>Starts a stopped server on the same port; returns once it answers.</summary>
    Task StartAsync();

    /// <summary>Runs a command, over a connection of its own.</summary>
    Task CommandAsync(string command, params object[] arguments);

    /// <summary>Undoes what a failed test left: the server runs, is nobody's replica, answers.</summary>
    Task RestoreAsync();
}
