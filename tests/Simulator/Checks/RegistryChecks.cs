using Muster.Contracts.Registry;
using Muster.Registry.Machine;
using Muster.Replication.Core;
using Muster.Testing;

namespace Muster.Simulator;

/// <summary>
/// The registry's promises: each write of the configuration once, no instance removed whose process still
/// counts on its lease, and one order of all reads and writes that explains what every client saw.
/// </summary>
internal sealed class RegistryChecks(Simulation world)
{
    private static readonly CasRegisterModel Model = new();

    private readonly Dictionary<string, long> _versions = new(StringComparer.Ordinal);
    private readonly HashSet<string> _values = new(StringComparer.Ordinal);
    private readonly HistoryBuilder _history = new();
    private long _processes;

    public ServiceChecks Services { get; } = new();

    public int Expiries { get; private set; }

    public int Writes => _versions.Count;

    public int Registrations { get; private set; }

    /// <summary>Reads and writes of the configuration that were answered.</summary>
    public int Calls { get; private set; }

    public void OnApplied(AppliedEntry entry, IReadOnlyList<RegistryEffect> effects)
    {
        foreach (var effect in effects)
        {
            switch (effect)
            {
                case RegistryEffect.Answer { Reply.ConfigWritten: { } written }:
                    OnWritten(written);
                    break;
                case RegistryEffect.Delivery { Item.Event: { } one }:
                    OnEvent(entry, one);
                    break;
            }
        }
    }

    /// <summary>Who does one thing at a time: a caller in one life of its process.</summary>
    public long NewProcess() => ++_processes;

    public void OnCall(long process, string function, string key, Value value) =>
        _history.Add(new HistoryEvent
        {
            Process = process,
            Type = EventType.Invoke,
            Function = function,
            Key = key,
            Value = value,
            Time = world.Scheduler.Now * Scheduler.Millisecond,
        });

    public void OnEnd(long process, EventType type, Value value = default, bool? result = null)
    {
        Calls++;
        _history.Add(new HistoryEvent
        {
            Process = process,
            Type = type,
            Value = value,
            Result = result,
            Time = world.Scheduler.Now * Scheduler.Millisecond,
        });
    }

    /// <summary>At the end. A history that is too hard to decide in the time refutes nothing.</summary>
    public void CheckHistory()
    {
        var result = LinearizabilityChecker.Check(_history.Build(), Model, SearchBound.New());
        if (result.Verdict == Verdict.Unknown) world.Undecided++;
        if (result.Verdict == Verdict.NotOk)
        {
            throw new SimulationFailure(
                "linearizability", $"no order explains the configuration's history:\n{result.Failure}");
        }
    }

    // The answer of a command that comes again is the first one.
    private void OnWritten(ConfigWritten written)
    {
        if (!_versions.TryAdd(written.CommandId, written.Version)
            && _versions[written.CommandId] != written.Version)
        {
            throw new SimulationFailure("exactly once",
                $"{written.CommandId} wrote version {_versions[written.CommandId]} and {written.Version}");
        }
    }

    private void OnEvent(AppliedEntry applied, RegistryEvent one)
    {
        Services.OnChanged(applied.Index, one);
        // Every writer writes a value of its own.
        if (one.ConfigChanged?.Entry is { } entry && !_values.Add(entry.Value))
        {
            throw new SimulationFailure("exactly once", $"{entry.Value} is written to {entry.Key} twice");
        }
        Registrations += one.InstanceRegistered is null ? 0 : 1;
        if (one.InstanceRemoved is not { Cause: "LeaseExpired" } removed)
        {
            return;
        }
        Expiries++;
        if (world.Clients.FirstOrDefault(
            client => client.CountsOnInstance(removed.Service, removed.InstanceId)) is { } owner)
        {
            throw new SimulationFailure("leases",
                $"{removed.InstanceId} is removed, and {owner.Name} counts on its lease");
        }
    }
}
