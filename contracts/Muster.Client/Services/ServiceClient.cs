using Microsoft.Extensions.Logging;
using Muster.Contracts;
using Muster.Contracts.Registry;
using Muster.Views;

namespace Muster.Client;

/// <summary>The calls of <see cref="IServices"/>.</summary>
internal sealed class ServiceClient : IServices, IDisposable
{
    private const int MaxLocalViews = 10_000;

    // How long a fetch keeps a caller waiting who could be served from what is known.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);

    private readonly ClientCore _core;
    private readonly IServiceViews _cache;
    private readonly ILogger _logger;
    private readonly LocalViews _views;
    private readonly Lock _gate = new();
    private IDisposable? _subscription;
    private bool _isDisposed;

    public ServiceClient(ClientCore core, IServiceViews cache, ILogger logger)
    {
        (_core, _cache, _logger) = (core, cache, logger);
        _views = new LocalViews(core.Clock, MaxLocalViews);
    }

    public async Task<IRegistration> RegisterAsync(
        ServiceRegistration registration, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(registration);
        registration = registration.Copy();
        Sizes.Check(registration, nameof(registration));
        cancellationToken.ThrowIfCancellationRequested();
        var id = registration.InstanceId ?? $"{_core.Options.Node}-{Guid.NewGuid().ToString("N")[..8]}";
        var instance = new Registration(registration, id);
        var answered =
            new TaskCompletionSource<RegistrationAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        _core.Step(parts => parts.Leases.Start(instance, answer => answered.TrySetResult(answer)));
        _core.Start();
        await using var cancelling = cancellationToken.UnsafeRegister(_ =>
        {
            if (answered.TrySetCanceled(cancellationToken)) // else the caller has it
            {
                _core.StepUnlessClosed(parts => parts.Leases.Remove(instance));
            }
        }, null).ConfigureAwait(false);
        RegistrationHandle.Check(
            _core, instance, await answered.Task.ConfigureAwait(false),
            Resolution.TakenBack(
                instance.Removed.Task, cancellation => RemoveAsync(instance, cancellation),
                $"{id} was taken back."));
        return new RegistrationHandle(_core, instance, _logger);
    }

    /// <summary>Its lease names it, so that it may be taken back as often as one likes.</summary>
    private Task RemoveAsync(Registration instance, CancellationToken cancellationToken) =>
        _core.AskUntilAsync(
            $"Taking {instance.InstanceId} back",
            id => new RegistryCommand { DeregisterInstance = instance.Removal(id) },
            LeaseKeeper.IsRemoved, cancellationToken);

    public ValueTask<ResolvedService> ResolveAsync(
        string service, ResolveOptions? options, CancellationToken cancellationToken)
    {
        Sizes.CheckService(service);
        cancellationToken.ThrowIfCancellationRequested();
        Follow();
        options ??= ResolveOptions.Default;
        if (options.Mode == ReadMode.Linearizable)
        {
            return new(AskLinearizableAsync(service, cancellationToken));
        }
        var known = _views.Find(service, options.MaxAge);
        return known is { Source: ResolveSource.Local }
            ? new(known)
            : new(FetchAsync(service, options.MaxAge, cancellationToken));
    }

    public async Task<IReadOnlyList<ServiceSummary>> ListAsync(
        string prefix, CancellationToken cancellationToken)
    {
        Sizes.CheckService(prefix);
        var services = new List<ServiceSummary>();
        while (true)
        {
            var after = services.Count > 0 ? services[^1].Service : "";
            var reply = await _core.AskAsync(
                "Listing services",
                id => new RegistryCommand
                {
                    ListServices = new ListServices { CommandId = id, Prefix = prefix, After = after },
                },
                cancellationToken,
                Sizes.OnWire(prefix) + Sizes.OnWire(after)).ConfigureAwait(false);
            var page = reply.ServicesListed ?? throw CallKinds.ToException(reply.RegistryRefused);
            services.AddRange(page.Services);
            if (!page.IsTruncated || page.Services.Count == 0)
            {
                return services;
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            _subscription?.Dispose();
        }
    }

    /// <summary>Listens to the announcements from the first resolve on.</summary>
    private void Follow()
    {
        if (_subscription is not null && !_isDisposed)
        {
            return;
        }
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(MusterClient));
            _subscription ??= _cache.Subscribe(_views.OnAnnounced, _views.OnGap);
        }
        _core.Start(); // not only when the cache fails: then it would be too late
    }

    private async Task<ResolvedService> FetchAsync(
        string service, TimeSpan maxAge, CancellationToken cancellationToken)
    {
        var fetch = _views.Join(service, maxAge, fetch => RunAsync(service, fetch));
        if (!await IsSoonDoneAsync(fetch, cancellationToken).ConfigureAwait(false)
            && _views.Find(service, maxAge) is { } present)
        {
            return present; // told with its age; the answer will be here for the next call
        }
        var outcome = await fetch.Task!.WaitAsync(cancellationToken).ConfigureAwait(false);
        if (outcome.Resolved is { } resolved)
        {
            return Newest(resolved, maxAge);
        }
        var last = outcome.Failure is MusterUnknownException ? _views.Find(service, maxAge) : null;
        return last ?? throw outcome.Failure!;
    }

    private async Task<bool> IsSoonDoneAsync(Fetch fetch, CancellationToken cancellationToken)
    {
        var left = Patience - _core.Clock.Elapsed(fetch.StartedAt);
        if (left > TimeSpan.Zero)
        {
            await Task.WhenAny(fetch.Task!, Task.Delay(left, _core.Time, cancellationToken))
                .ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
        }
        return fetch.Task!.IsCompleted;
    }

    /// <summary>
    /// Another call may have been given a newer view since this one was fetched; and what was only known is
    /// of the age that this call judges.
    /// </summary>
    private ResolvedService Newest(ResolvedService fetched, TimeSpan maxAge) =>
        _views.Find(fetched.Service, maxAge) is { } local
        && (fetched.Source == ResolveSource.Stale || LocalViews.IsOlder(fetched.View, local.View))
            ? local
            : fetched;

    /// <summary>From the cache, else from the bus.</summary>
    private async Task<FetchOutcome> RunAsync(string service, Fetch fetch)
    {
        try
        {
            // Nothing that is cached has no age.
            var stored = fetch.MaxAge > TimeSpan.Zero
                ? await _cache.ReadAsync(service, CancellationToken.None).ConfigureAwait(false)
                : null;
            if (stored is { } found && found.View.Service == service)
            {
                // Too old, it is still what to give when nobody answers.
                var isYoung = found.Age <= fetch.MaxAge;
                var cached = _views.Offer(fetch, found.View, found.Age, ResolveSource.Redis, isYoung);
                // The age that counts is the one that is told, with the time that the reading took.
                if (isYoung && cached?.Age <= fetch.MaxAge)
                {
                    return new FetchOutcome(cached, null);
                }
            }
            if (!_core.IsConnected && _views.Find(service, fetch.MaxAge) is { } known)
            {
                return new FetchOutcome(known, null);
            }
            return new FetchOutcome(await AskAsync(service, fetch).ConfigureAwait(false), null);
        }
        catch (Exception exception)
        {
            return new FetchOutcome(null, exception); // each caller decides what it means to it
        }
    }

    private async Task<ResolvedService> AskAsync(string service, Fetch fetch)
    {
        if (fetch.MaxAge <= TimeSpan.Zero)
        {
            return await AskLinearizableAsync(service, CancellationToken.None).ConfigureAwait(false);
        }
        var answer = await AskAsync(service, ReadMode.Cached, CancellationToken.None).ConfigureAwait(false);
        var age = TimeSpan.FromMilliseconds(answer.Freshness.AgeMilliseconds);
        // A replica's copy may lack what was announced before the fetch.
        if (_views.Offer(fetch, answer.View, age, ResolveSource.Bus, isComplete: false) is { } resolved
            && resolved.Age <= fetch.MaxAge)
        {
            return resolved;
        }
        // That replica is behind what this process has seen, or its copy is older than what is asked for.
        return await AskLinearizableAsync(service, CancellationToken.None).ConfigureAwait(false);
    }

    private async Task<ResolvedService> AskLinearizableAsync(
        string service, CancellationToken cancellationToken)
    {
        var fetch = _views.Begin(service, TimeSpan.Zero);
        try
        {
            var answer = await AskAsync(service, ReadMode.Linearizable, cancellationToken)
                .ConfigureAwait(false);
            return _views.Settle(fetch, answer.View);
        }
        finally
        {
            _views.End(fetch);
        }
    }

    private async Task<ServiceResolved> AskAsync(
        string service, ReadMode mode, CancellationToken cancellationToken)
    {
        var reply = await _core.AskAsync(
            $"Service {service}",
            id => new RegistryCommand
            {
                ResolveService = new ResolveService { CommandId = id, Service = service, Mode = mode },
            },
            cancellationToken,
            Sizes.OnWire(service)).ConfigureAwait(false);
        return reply.ServiceResolved ?? throw CallKinds.ToException(reply.RegistryRefused);
    }
}
