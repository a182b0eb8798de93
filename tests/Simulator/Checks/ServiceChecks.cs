using Muster.Contracts;
using Muster.Contracts.Registry;

namespace Muster.Simulator;

/// <summary>
/// Which instances each service had after each of its changes: an answer names exactly those of its index,
/// and its index is not before what was there when it was asked for.
/// </summary>
internal sealed class ServiceChecks
{
    private readonly Dictionary<string, List<(LogIndex Index, string[] Instances)>> _services =
        new(StringComparer.Ordinal);

    public int Resolved { get; private set; }

    /// <summary>The index of the service's last change so far.</summary>
    public LogIndex LastChange(string service) =>
        _services.TryGetValue(service, out var changes) ? changes[^1].Index : LogIndex.Zero;

    public void OnChanged(LogIndex index, RegistryEvent one)
    {
        if (one.InstanceRegistered?.Instance is { } added)
        {
            var before = Newest(added.Service);
            Add(added.Service, index, [.. before.Append(added.InstanceId).Distinct()]);
        }
        else if (one.InstanceRemoved is { } removed)
        {
            var before = Newest(removed.Service);
            Add(removed.Service, index, [.. before.Where(instance => instance != removed.InstanceId)]);
        }
    }

    public void OnResolved(string client, ServiceResolved resolved, LogIndex before)
    {
        Resolved++;
        var (view, index) = (resolved.View, resolved.Freshness.Index);
        var told = view.Instances.Select(instance => instance.InstanceId).Order(StringComparer.Ordinal);
        var known = At(view.Service, index).Order(StringComparer.Ordinal);
        if (index < before || !told.SequenceEqual(known, StringComparer.Ordinal))
        {
            throw new SimulationFailure("linearizability",
                $"{client} was told that {view.Service} is [{string.Join(' ', told)}] at {index}, "
                + $"where it is [{string.Join(' ', known)}], and {before} was there before it asked");
        }
    }

    private void Add(string service, LogIndex index, string[] instances)
    {
        _services.TryAdd(service, []);
        _services[service].Add((index, instances));
    }

    private string[] Newest(string service) =>
        _services.TryGetValue(service, out var changes) ? changes[^1].Instances : [];

    private string[] At(string service, LogIndex index) =>
        _services.TryGetValue(service, out var changes)
            ? changes.FindLast(change => change.Index <= index).Instances ?? []
            : [];
}
