using Muster.Contracts.Registry;

namespace Muster.Registry.Machine;

/// <summary>What the writers of views read: views by name, and which changed since an event.</summary>
public sealed partial class RegistryMachine
{
    /// <summary>
    /// The service's instances as of its last change. Of a service that is unknown or forgotten: none, as
    /// of an index at which it had none, and which no later change of it is below.
    /// </summary>
    public ServiceView View(string service) => ViewOf(_state.Services.Find(service), service);

    /// <summary>Views by name, emptied services' too, until so many instances are shown.</summary>
    public IReadOnlyList<ServiceView> ViewsAfter(string after, int most, int mostInstances)
    {
        var views = new List<ServiceView>();
        var instances = 0;
        foreach (var service in _state.Services.From("", after))
        {
            if (views.Count == most || instances >= mostInstances)
            {
                break;
            }
            views.Add(ViewOf(service, service.Name));
            instances += service.Instances.Count;
        }
        return views;
    }

    /// <summary>The services that events from a number on concern, with their views as they are.</summary>
    public ViewChanges ChangesFrom(long number, int most)
    {
        var isTrimmed = number < _state.Events.First;
        var events = isTrimmed ? [] : _state.Events.From(number, most);
        var services = new SortedSet<string>(
            events.Select(ServiceOf).OfType<string>(), StringComparer.Ordinal);
        return new()
        {
            Epoch = _state.Epoch,
            From = number,
            To = isTrimmed ? number - 1 : number - 1 + events.Count,
            Head = EventsHead,
            IsTrimmed = isTrimmed,
            Views = [.. services.Select(View)],
        };
    }

    private ServiceView ViewOf(Service? service, string name) => new()
    {
        Service = name,
        Epoch = _state.Epoch,
        Index = service?.ChangedAt ?? _state.Services.ForgottenUpTo,
        Instances = service is null ? [] : [.. service.Instances.Values.Select(instance => instance.View)],
    };

    private static string? ServiceOf(RegistryEvent registryEvent) => registryEvent switch
    {
        { InstanceRegistered: { } registered } => registered.Instance.Service,
        { InstanceChanged: { } changed } => changed.Instance.Service,
        { InstanceRemoved: { } removed } => removed.Service,
        _ => null,
    };
}

/// <summary>What a stretch of the event stream changed.</summary>
public sealed record ViewChanges
{
    public required long Epoch { get; init; }

    /// <summary>The first event's number.</summary>
    public required long From { get; init; }

    /// <summary>The last event's number; one below <see cref="From"/> when there is none.</summary>
    public required long To { get; init; }

    /// <summary>The newest event's number.</summary>
    public required long Head { get; init; }

    /// <summary>The first events are no longer kept: all views may have changed.</summary>
    public required bool IsTrimmed { get; init; }

    public required IReadOnlyList<ServiceView> Views { get; init; }
}
