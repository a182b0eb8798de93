using Microsoft.Extensions.Logging;
using Muster.Contracts.Detector;
using Muster.Contracts.Registry;

namespace Muster.Client;

/// <summary>
/// Keeps this process's instances registered: renews their leases by heartbeats, and registers them again
/// when the registry has lost them or a lease has run out by the clock. Used under the client's gate.
/// </summary>
internal sealed class LeaseKeeper(
    MusterOptions options, LeaseClock clock, RegistryCalls calls, Timetable timetable, ILogger logger)
{
    /// <summary>As many leases as one heartbeat may name.</summary>
    public const int MaxRegistrations = 1_000;

    private static readonly TimeSpan MinRetry = TimeSpan.FromSeconds(1);
    private readonly Dictionary<string, Registration> _byLease = new(StringComparer.Ordinal);

    /// <summary>A heartbeat is wanted now, to renew a lease.</summary>
    public bool IsRenewalDue => _byLease.Values.Any(registration => registration.Renewal is { IsDue: true });

    /// <summary>Registers an instance; <paramref name="onAnswer"/> tells what came of it.</summary>
    public void Start(Registration registration, Action<RegistrationAnswer> onAnswer)
    {
        if (_byLease.Count >= MaxRegistrations)
        {
            registration.Stage = RegistrationStage.Ended;
            onAnswer(new RegistrationAnswer("", null, new RegistryRefused
            {
                Reason = RegistryRefusal.LimitReached,
                Message = $"{_byLease.Count} instances are registered by this process already.",
            }));
            return;
        }
        _byLease.Add(registration.LeaseId, registration);
        registration.Look = new Due(() => OnLook(registration));
        Send(registration, registration.Wanted, onlyIfAbsent: false, answer =>
        {
            if (answer.Instance is null)
            {
                registration.WasSent &= answer.Refusal is null;
                Remove(registration);
            }
            onAnswer(answer);
        });
    }

    /// <summary>Registers it with other values under the same lease.</summary>
    public void Update(
        Registration registration, ServiceRegistration wanted, Action<RegistrationAnswer> onAnswer) =>
        Send(registration, wanted, onlyIfAbsent: true, answer =>
        {
            if (answer.Instance is null && registration.Stage == RegistrationStage.Missing)
            {
                Again(registration);
            }
            onAnswer(answer);
        });

    /// <summary>
    /// Takes it back; <see cref="Registration.Removed"/> tells when the registry has answered.
    /// </summary>
    public void Remove(Registration registration)
    {
        if (!_byLease.ContainsKey(registration.LeaseId))
        {
            return;
        }
        End(registration, RegistrationStage.Ended);
        if (!registration.WasSent)
        {
            registration.Removed.TrySetResult(true);
            return;
        }
        calls.Open(new RegistryCall
        {
            Id = calls.NewId(),
            Command = call => new RegistryCommand { DeregisterInstance = registration.Removal(call.Id) },
            OnAnswer = reply => registration.Removed.TrySetResult(IsRemoved(reply)),
            Timeout = options.CallTimeout,
            OnTimeout = () => registration.Removed.TrySetResult(false), // its lease ends it
            OnClose = () => registration.Removed.TrySetResult(false),
        });
    }

    /// <summary>The answer to a removal says that nothing is left under the lease.</summary>
    public static bool IsRemoved(RegistryReply reply) =>
        reply is { InstanceAccepted: not null }
            or { RegistryRefused.Reason: RegistryRefusal.NotRegistered };

    /// <summary>Brings the registry's draining into line with what the owner wants.</summary>
    public void Drain(Registration registration, Action<RegistrationAnswer> onAnswer)
    {
        if (registration.DrainCall is { } before)
        {
            calls.Close(before);
        }
        var change = ++registration.Changes;
        registration.DrainCall = Open(
            call => new RegistryCommand
            {
                DrainInstance = new DrainInstance
                {
                    CommandId = call.Id,
                    Service = registration.Wanted.Service,
                    InstanceId = registration.InstanceId,
                    LeaseId = registration.LeaseId,
                    IsDraining = registration.IsDraining == true,
                    Change = change,
                },
            },
            answer =>
            {
                registration.DrainCall = null;
                registration.OwesDrain &= answer.Instance is null;
                onAnswer(answer.HasExpired ? Drained(registration, answer) : answer);
            });
    }

    public void LinkUp()
    {
        foreach (var registration in _byLease.Values)
        {
            registration.Renewal?.Hurry();
        }
    }

    /// <summary>The leases that the heartbeat which goes now is to renew.</summary>
    public IReadOnlyList<string> TakeRenewals(TimeSpan interval) =>
    [
        .. _byLease.Values.Where(registration => registration.Renewal?.Take(interval) == true)
            .Select(registration => registration.LeaseId),
    ];

    public void OnHeartbeatAnswered(HeartbeatAnswered answer, Stamp sentAt)
    {
        foreach (var renewal in answer.Leases)
        {
            if (!_byLease.TryGetValue(renewal.LeaseId, out var registration)
                || registration.RenewedAt is not { } last || sentAt.Timestamp <= last.Timestamp)
            {
                continue;
            }
            if (renewal.Status == RenewalStatus.Renewed)
            {
                Renewed(registration, sentAt);
                DrainIfOwed(registration);
            }
            else
            {
                Miss(registration, "the registry does not know its lease");
            }
        }
    }

    /// <summary>The client closes: everything is taken back.</summary>
    public IReadOnlyList<Task> Close()
    {
        var all = _byLease.Values.ToArray();
        Array.ForEach(all, Remove);
        return [.. all.Select(registration => registration.Removed.Task)];
    }

    private void Send(
        Registration registration, ServiceRegistration wanted, bool onlyIfAbsent,
        Action<RegistrationAnswer> onAnswer)
    {
        if (registration.Call is { } before)
        {
            calls.Close(before);
        }
        var change = ++registration.Changes;
        RegistryCall? sent = null;
        sent = Open(
            call => new RegistryCommand
            {
                RegisterInstance = registration.Command(call, wanted, options.Node, change) with
                {
                    OnlyIfAbsent = onlyIfAbsent,
                },
            },
            answer =>
            {
                registration.Call = null;
                registration.WasSent |= sent!.FirstSentAt is not null;
                if (answer.HasExpired)
                {
                    // Under a new id, since that one is answered; whoever is there now came after it.
                    Send(registration, wanted, onlyIfAbsent: true, onAnswer);
                    return;
                }
                if (answer.Refusal is { Reason: RegistryRefusal.InstanceTaken }
                    && registration.Stage != RegistrationStage.Registering)
                {
                    Lose(registration);
                }
                if (answer.Instance is { } instance)
                {
                    Accept(registration, wanted, instance, sent.FirstSentAt!);
                }
                onAnswer(answer);
            },
            Sizes.OnWire(wanted));
        registration.Call = sent;
    }

    private void Accept(
        Registration registration, ServiceRegistration wanted, ServiceInstance instance, Stamp sentAt)
    {
        if (registration.Renewal is null || registration.Wanted.Ttl != wanted.Ttl)
        {
            registration.Renewal?.Clear();
            registration.Renewal = new Renewal(clock, timetable, wanted.Ttl);
        }
        registration.Wanted = wanted;
        Renewed(registration, sentAt);
        registration.OwesDrain = registration.IsDraining is { } wantsDraining
            && instance.IsDraining != wantsDraining;
        DrainIfOwed(registration);
    }

    private void DrainIfOwed(Registration registration)
    {
        if (registration is { OwesDrain: true, DrainCall: null })
        {
            Drain(registration, _ => { });
        }
    }

    private void Renewed(Registration registration, Stamp sentAt)
    {
        registration.Stage = RegistrationStage.Registered;
        registration.RenewedAt = sentAt;
        registration.Renewal!.Answered(sentAt);
        var left = registration.Lease - clock.Elapsed(sentAt);
        timetable.Set(registration.Look!, clock.Now + (left > TimeSpan.Zero ? left : TimeSpan.Zero));
    }

    private void OnLook(Registration registration)
    {
        if (registration.Stage == RegistrationStage.Registered && !registration.IsAlive(clock))
        {
            Miss(registration, "no renewal was answered within its lease");
        }
        else if (registration.Stage == RegistrationStage.Missing && registration.Call is null)
        {
            Again(registration); // else a change is under way, and goes on with this itself
        }
    }

    private void Miss(Registration registration, string cause)
    {
        if (registration.Stage == RegistrationStage.Registered)
        {
            logger.RegistrationMissing(registration.Wanted.Service, registration.InstanceId, cause);
        }
        registration.Stage = RegistrationStage.Missing;
        if (registration.Call is null)
        {
            Again(registration);
        }
    }

    private void Again(Registration registration) =>
        Send(registration, registration.Wanted, onlyIfAbsent: true, answer =>
        {
            if (answer.Instance is not null || registration.Stage != RegistrationStage.Missing)
            {
                return;
            }
            if (answer.Refusal is { } refusal)
            {
                logger.RegistrationRefused(
                    registration.Wanted.Service, registration.InstanceId, refusal.Reason, refusal.Message);
            }
            var interval = Renewal.IntervalOf(registration.Wanted.Ttl);
            timetable.Set(registration.Look!, clock.Now + (interval > MinRetry ? interval : MinRetry));
        });

    /// <summary>
    /// Another process has registered the same id since. Two that both live would take it from each other
    /// for ever, so only a registration that somebody asks for takes over.
    /// </summary>
    private void Lose(Registration registration)
    {
        logger.RegistrationTaken(registration.Wanted.Service, registration.InstanceId);
        End(registration, RegistrationStage.Taken);
        registration.Removed.TrySetResult(true); // nothing is left under its lease
        registration.Lost.CancelInBackground(logger);
    }

    private void End(Registration registration, RegistrationStage stage)
    {
        _byLease.Remove(registration.LeaseId);
        registration.Stage = stage;
        registration.Renewal?.Clear();
        timetable.Clear(registration.Look!);
        foreach (var open in new[] { registration.Call, registration.DrainCall }.OfType<RegistryCall>())
        {
            calls.Close(open);
            open.OnClose!();
        }
    }

    /// <summary>Done by an earlier copy, to what has run out since: the next one is drained too.</summary>
    private RegistrationAnswer Drained(Registration registration, RegistrationAnswer answer)
    {
        Miss(registration, "its lease ran out");
        return answer with
        {
            Refusal = new RegistryRefused
            {
                Reason = RegistryRefusal.NotRegistered,
                Message = $"{registration.InstanceId} ran out, and is being registered again.",
            },
        };
    }

    private RegistryCall Open(
        Func<Call, RegistryCommand> command, Action<RegistrationAnswer> onAnswer, int bytes = 0)
    {
        var id = calls.NewId();
        var call = new RegistryCall
        {
            Id = id,
            Bytes = bytes,
            Command = command,
            OnAnswer = reply => onAnswer(reply.InstanceAccepted is { } accepted
                ? new(id, accepted.Instance, null, HasExpired: accepted.Instance is null)
                : new(id, null, reply.RegistryRefused ?? CallKinds.OddRegistryAnswer)),
            Timeout = options.CallTimeout,
            OnTimeout = () => onAnswer(new(id, null, null)),
            OnClose = () => onAnswer(new(id, null, null)),
        };
        calls.Open(call);
        return call;
    }
}
