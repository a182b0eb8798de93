using Muster.Contracts;
using Muster.Contracts.Registry;

namespace Muster.Registry.Machine;

/// <summary>
/// Services and their instances, by name, by lease and by deadline. A service that lost its last instance
/// stays with the index of that change, so that its empty view replaces older ones; when too many such are
/// kept the oldest is forgotten, and <see cref="ForgottenUpTo"/> stands for it.
/// </summary>
internal sealed class ServiceTable
{
    private readonly NameTable<Service> _services = new();
    private readonly SortedSet<Service> _empty = new(Service.ByChange);
    private readonly Dictionary<string, SortedSet<Instance>> _leases = new(StringComparer.Ordinal);
    private readonly DeadlineSet<Instance> _deadlines = new(Instance.ByName);

    /// <summary>
    /// No service that is unknown here changed later: as the index of its view it is at least as new as any
    /// view of it ever was, and if it is the same, that one was empty too.
    /// </summary>
    public LogIndex ForgottenUpTo { get; set; }

    public int InstanceCount { get; private set; }

    /// <summary>Services with an instance.</summary>
    public int LiveCount => _services.Count - _empty.Count;

    public int EmptyCount => _empty.Count;

    /// <summary>Of all instances, as <see cref="SizeOf"/> counts them.</summary>
    public long Bytes { get; private set; }

    public long? FirstDeadline => _deadlines.First;

    /// <summary>With those that have no instance left; by name, ordinally.</summary>
    public IEnumerable<Service> All => _services.All;

    public Service? Find(string service) => _services.Find(service);

    public Instance? Find(string service, string id) =>
        _services.Find(service)?.Instances.GetValueOrDefault(id);

    public IEnumerable<Service> From(string prefix, string after) =>
        _services.From(prefix, after).Select(pair => pair.Value);

    /// <summary>In order; none for a lease that nothing is registered under.</summary>
    public IReadOnlyCollection<Instance> OfLease(string lease) => _leases.GetValueOrDefault(lease) ?? [];

    public void Add(ServiceInstance view, InstanceLease lease, long deadline)
    {
        var instance = new Instance { View = view, Lease = lease, Deadline = deadline };
        var service = _services.Find(view.Service);
        if (service is null)
        {
            service = new Service(view.Service);
            _services.Add(view.Service, service);
        }
        else
        {
            _empty.Remove(service);
        }
        service.Instances.Add(instance.Id, instance);
        InstanceCount++;
        Touch(service, view.ChangedAt, SizeOf.Instance(view));
        Join(instance);
        _deadlines.Add(deadline, instance);
    }

    /// <summary>Shows it differently from now on.</summary>
    public void Change(Instance instance, ServiceInstance view)
    {
        var added = SizeOf.Instance(view) - SizeOf.Instance(instance.View);
        instance.View = view;
        Touch(_services.Find(view.Service)!, view.ChangedAt, added);
    }

    public void SetLease(Instance instance, InstanceLease lease, long deadline)
    {
        Leave(instance);
        instance.Lease = lease;
        Join(instance);
        MoveDeadline(instance, deadline);
    }

    /// <summary>A late renewal never shortens a life, so duplicates and reordering do no harm.</summary>
    public void Renew(Instance instance, long now)
    {
        instance.Lease = instance.Lease with { IsRestored = false };
        var deadline = now + instance.Lease.TtlMilliseconds;
        if (deadline > instance.Deadline)
        {
            MoveDeadline(instance, deadline);
        }
    }

    public void Remove(Instance instance, LogIndex at, int mostEmpty)
    {
        _deadlines.Remove(instance.Deadline, instance);
        Leave(instance);
        var service = _services.Find(instance.Service)!;
        service.Instances.Remove(instance.Id);
        InstanceCount--;
        Touch(service, at, -SizeOf.Instance(instance.View));
        if (service.Instances.Count == 0)
        {
            KeepEmpty(service, mostEmpty);
        }
    }

    /// <summary>A service without instances, as a snapshot or a lost state had it.</summary>
    public void AddEmpty(string name, LogIndex changedAt, int mostEmpty)
    {
        var service = new Service(name) { ChangedAt = changedAt };
        _services.Add(name, service);
        KeepEmpty(service, mostEmpty);
    }

    /// <summary>As a snapshot had it, which may be later than its instances' changes.</summary>
    public void SetChange(string name, LogIndex changedAt) => _services.Find(name)!.ChangedAt = changedAt;

    public Instance? FindExpired(long now) => _deadlines.FindDue(now);

    private void KeepEmpty(Service service, int mostEmpty)
    {
        _empty.Add(service);
        while (_empty.Count > mostEmpty)
        {
            var oldest = _empty.Min!;
            _empty.Remove(oldest);
            _services.Remove(oldest.Name);
            // Entries come in order, but a snapshot's services by name.
            ForgottenUpTo = oldest.ChangedAt > ForgottenUpTo ? oldest.ChangedAt : ForgottenUpTo;
        }
    }

    private void Touch(Service service, LogIndex at, long addedBytes)
    {
        service.ChangedAt = at;
        service.Bytes += addedBytes;
        Bytes += addedBytes;
    }

    private void MoveDeadline(Instance instance, long deadline)
    {
        _deadlines.Remove(instance.Deadline, instance);
        instance.Deadline = deadline;
        _deadlines.Add(deadline, instance);
    }

    private void Join(Instance instance)
    {
        if (!_leases.TryGetValue(instance.Lease.Id, out var instances))
        {
            _leases[instance.Lease.Id] = instances = new SortedSet<Instance>(Instance.ByName);
        }
        instances.Add(instance);
    }

    private void Leave(Instance instance)
    {
        var instances = _leases[instance.Lease.Id];
        instances.Remove(instance);
        if (instances.Count == 0)
        {
            _leases.Remove(instance.Lease.Id);
        }
    }
}
