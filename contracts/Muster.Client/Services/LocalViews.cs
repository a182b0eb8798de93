using Muster.Contracts.Registry;
using Muster.Views;

namespace Muster.Client;

/// <summary>A service's local copy.</summary>
internal sealed class LocalView(ServiceView view)
{
    public ServiceView View { get; set; } = view;

    /// <summary>When the view was known to be current, by its own source.</summary>
    public required Stamp CurrentAt { get; set; }

    public required Stamp FetchedAt { get; set; }

    /// <summary>
    /// While this is the directory's generation, each announcement that does not name the service confirms
    /// the view.
    /// </summary>
    public long Generation { get; set; }

    /// <summary>An announcement said so after it was fetched.</summary>
    public bool IsOutdated { get; set; }
}

/// <summary>What a fetch gave: a view or the reason why not.</summary>
internal readonly record struct FetchOutcome(ResolvedService? Resolved, Exception? Failure);

/// <summary>A fetch under way.</summary>
internal sealed class Fetch(string service, TimeSpan maxAge, Stamp startedAt, long generation)
{
    public string Service { get; } = service;

    public TimeSpan MaxAge { get; } = maxAge;

    public Stamp StartedAt { get; } = startedAt;

    public long Generation { get; } = generation;

    /// <summary>The copy as it was when the fetch began.</summary>
    public ServiceView? Before { get; init; }

    /// <summary>The service was announced as changed since the fetch began.</summary>
    public bool IsOvertaken { get; set; }

    /// <summary>Null: nobody joins it.</summary>
    public Task<FetchOutcome>? Task { get; set; }
}

/// <summary>
/// The local copies of views: newest version of each, its age, and whether the announcements keep it fresh.
/// At most so many; the least recently used leaves. Thread-safe.
/// </summary>
internal sealed class LocalViews(LeaseClock clock, int capacity)
{
    // Announcements confirm a copy only as far as what it was copied from was right; a cache that was set
    // back by its own fail-over is found out by this.
    private static readonly TimeSpan MaxUnread = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly LinkedList<LocalView> _byUse = new();
    private readonly Dictionary<string, LinkedListNode<LocalView>> _byService = new(StringComparer.Ordinal);

    // All that are under way, by service, in the order in which they began: an announcement overtakes each.
    private readonly Dictionary<string, List<Fetch>> _fetches = new(StringComparer.Ordinal);
    private Stamp? _confirmedAt;
    private Stamp _newsAt = clock.Stamp();
    private Stamp? _gapAt;
    private long _generation = 1;

    public static bool IsOlder(ServiceView view, ServiceView than) =>
        (view.Epoch, view.Index).CompareTo((than.Epoch, than.Index)) < 0;

    /// <summary>The copy, whatever its age, marked stale if it is older than asked for.</summary>
    public ResolvedService? Find(string service, TimeSpan maxAge)
    {
        lock (_gate)
        {
            if (Use(service) is not { } local)
            {
                return null;
            }
            var age = AgeOf(local); // read once: the age that is told is the one that was judged
            var isFresh = !local.IsOutdated && clock.Elapsed(local.FetchedAt) < MaxUnread && age <= maxAge;
            return new(local.View, isFresh ? ResolveSource.Local : ResolveSource.Stale, age);
        }
    }

    /// <summary>
    /// The fetch under way that serves this age as well, or a new one, which <paramref name="run"/> does.
    /// </summary>
    public Fetch Join(string service, TimeSpan maxAge, Func<Fetch, Task<FetchOutcome>> run)
    {
        Fetch fetch;
        lock (_gate)
        {
            if (FetchesOf(service).FindLast(one => one.Task is not null && one.MaxAge <= maxAge) is { } open)
            {
                return open;
            }
            fetch = Begin(service, maxAge);
            fetch.Task = Task.Run(() => RunAsync(fetch, run));
        }
        return fetch;
    }

    /// <summary>A fetch that is nobody else's; <see cref="End"/> it, whatever comes of it.</summary>
    public Fetch Begin(string service, TimeSpan maxAge)
    {
        lock (_gate)
        {
            var fetch = new Fetch(service, maxAge, clock.Stamp(), _generation)
            {
                Before = _byService.GetValueOrDefault(service)?.Value.View,
            };
            if (!_fetches.TryGetValue(service, out var open))
            {
                _fetches[service] = open = [];
            }
            open.Add(fetch);
            return fetch;
        }
    }

    public void End(Fetch fetch)
    {
        lock (_gate)
        {
            var open = _fetches[fetch.Service];
            open.Remove(fetch);
            if (open.Count == 0)
            {
                _fetches.Remove(fetch.Service);
            }
        }
    }

    /// <summary>
    /// Takes a fetched view, if it is not older than the copy. Null: it is older; the copy stays.
    /// </summary>
    /// <param name="fetch">How it was asked for.</param>
    /// <param name="view">The view.</param>
    /// <param name="age">How old it was when it was read.</param>
    /// <param name="source">Where it is from.</param>
    /// <param name="isComplete">
    /// Its source has every change that was announced before the fetch, but for what a gap may have cost it;
    /// so it can be followed from there if it is younger than the last gap, else only if it is younger than
    /// the last change that was announced.
    /// </param>
    public ResolvedService? Offer(
        Fetch fetch, ServiceView view, TimeSpan age, ResolveSource source, bool isComplete)
    {
        lock (_gate)
        {
            var currentAt = clock.Before(fetch.StartedAt, age);
            var local = Use(view.Service);
            if (local is not null && IsOlder(view, local.View))
            {
                return null;
            }
            if (local is null)
            {
                local = Add(new LocalView(view) { CurrentAt = currentAt, FetchedAt = fetch.StartedAt });
            }
            else if (IsOlder(local.View, view) || clock.Elapsed(currentAt) < clock.Elapsed(local.CurrentAt))
            {
                (local.View, local.CurrentAt) = (view, currentAt);
            }
            else if (!isComplete && clock.Elapsed(currentAt) > clock.Elapsed(local.CurrentAt))
            {
                return new(local.View, source, AgeOf(local)); // an older word of what is known: no news
            }
            local.FetchedAt = fetch.StartedAt;
            local.IsOutdated = fetch.IsOvertaken;
            var since = isComplete ? _gapAt : _newsAt;
            var isYoung = since is null || clock.Elapsed(currentAt) <= clock.Elapsed(since);
            var follows = isYoung && !fetch.IsOvertaken && fetch.Generation == _generation;
            local.Generation = follows ? _generation : 0;
            return new(local.View, source, AgeOf(local));
        }
    }

    /// <summary>
    /// Takes the answer to a linearizable question, which has everything that there was when it was asked: a
    /// newer copy from before that is of no life of this registry, whoever wrote it into the cache, and goes.
    /// One that came meanwhile has everything that this one has, and stays.
    /// </summary>
    public ResolvedService Settle(Fetch fetch, ServiceView view)
    {
        lock (_gate)
        {
            if (_byService.TryGetValue(view.Service, out var node) && IsOlder(view, node.Value.View)
                && fetch.Before is { } before && !IsOlder(before, node.Value.View))
            {
                _byService.Remove(view.Service);
                _byUse.Remove(node);
            }
            return Offer(fetch, view, TimeSpan.Zero, ResolveSource.Bus, isComplete: true)
                ?? Find(view.Service, TimeSpan.MaxValue)!;
        }
    }

    /// <summary>
    /// Views were stored and announced; all that are not named were current when the announcer looked.
    /// </summary>
    public void OnAnnounced(ViewAnnouncement announcement)
    {
        lock (_gate)
        {
            foreach (var service in announcement.Services)
            {
                FetchesOf(service).ForEach(fetch => fetch.IsOvertaken = true);
                if (_byService.TryGetValue(service, out var node))
                {
                    Leave(node.Value);
                    node.Value.IsOutdated = true;
                }
            }
            var now = clock.Stamp();
            if (announcement.Services.Count > 0)
            {
                _newsAt = now;
            }
            var confirmedAt = clock.Before(
                now, TimeSpan.FromMilliseconds(announcement.AgeMilliseconds));
            if (_confirmedAt is null || clock.Elapsed(confirmedAt) < clock.Elapsed(_confirmedAt))
            {
                _confirmedAt = confirmedAt;
            }
        }
    }

    /// <summary>
    /// Announcements may have been missed: no copy is confirmed any more. The cache may have failed over and
    /// lost what was announced: what it has from before is not confirmed either until the registry did so.
    /// </summary>
    public void OnGap()
    {
        lock (_gate)
        {
            foreach (var local in _byUse)
            {
                Leave(local);
            }
            _generation++;
            _confirmedAt = null;
            _newsAt = clock.Stamp();
            _gapAt = _newsAt;
        }
    }

    private async Task<FetchOutcome> RunAsync(Fetch fetch, Func<Fetch, Task<FetchOutcome>> run)
    {
        try
        {
            return await run(fetch).ConfigureAwait(false);
        }
        finally
        {
            End(fetch);
        }
    }

    private List<Fetch> FetchesOf(string service) => _fetches.GetValueOrDefault(service) ?? [];

    private TimeSpan AgeOf(LocalView local)
    {
        var own = clock.Elapsed(local.CurrentAt);
        return local.Generation == _generation && _confirmedAt is { } at && clock.Elapsed(at) < own
            ? clock.Elapsed(at)
            : own;
    }

    private void Leave(LocalView local)
    {
        if (local.Generation == _generation && _confirmedAt is { } at
            && clock.Elapsed(at) < clock.Elapsed(local.CurrentAt))
        {
            local.CurrentAt = at;
        }
        local.Generation = 0;
    }

    private LocalView? Use(string service)
    {
        if (!_byService.TryGetValue(service, out var node))
        {
            return null;
        }
        _byUse.Remove(node);
        _byUse.AddFirst(node);
        return node.Value;
    }

    private LocalView Add(LocalView local)
    {
        if (_byService.Count >= capacity)
        {
            _byService.Remove(_byUse.Last!.Value.View.Service);
            _byUse.RemoveLast();
        }
        _byService[local.View.Service] = _byUse.AddFirst(local);
        return local;
    }
}
