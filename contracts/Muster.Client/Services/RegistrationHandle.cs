using Microsoft.Extensions.Logging;
using Muster.Contracts.Registry;

namespace Muster.Client;

internal sealed class RegistrationHandle(ClientCore core, Registration registration, ILogger logger)
    : IRegistration
{
    private readonly SemaphoreSlim _changing = new(1, 1);
    private long _newest;

    public string Service => registration.Wanted.Service;

    public string InstanceId => registration.InstanceId;

    public bool IsRegistered => registration.IsAlive(core.Clock);

    public CancellationToken Lost => registration.Lost.Token;

    public Task DrainAsync(bool isDraining, CancellationToken cancellationToken) => ChangeAsync(
        (parts, onAnswer) =>
        {
            registration.IsDraining = isDraining;
            parts.Leases.Drain(registration, onAnswer);
        },
        cancellationToken);

    public Task UpdateAsync(ServiceRegistration wanted, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        wanted = wanted.Copy();
        Sizes.Check(wanted, nameof(wanted));
        if (wanted.Service != Service || (wanted.InstanceId ?? InstanceId) != InstanceId)
        {
            throw new ArgumentException(
                $"{Service}/{InstanceId} cannot become {wanted.Service}/{wanted.InstanceId}.",
                nameof(wanted));
        }
        return ChangeAsync(
            (parts, onAnswer) => parts.Leases.Update(registration, wanted, onAnswer), cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        core.StepUnlessClosed(parts => parts.Leases.Remove(registration));
        try
        {
            await registration.Removed.Task.WaitAsync(ClientCore.CloseTimeout, core.Time)
                .ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            logger.WithdrawalUnanswered("instance", Service, InstanceId);
        }
    }

    /// <exception cref="MusterUnknownException">There was no answer.</exception>
    /// <exception cref="MusterRefusedException">The answer was a refusal.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    public static void Check(
        ClientCore core, Registration registration, RegistrationAnswer answer,
        Func<CancellationToken, Task<ResolvedOutcome>> resolve)
    {
        if (answer.Instance is null)
        {
            throw answer.Refusal is { } refusal
                ? CallKinds.ToException(refusal)
                : core.Unanswered(answer.CommandId, $"Instance {registration.InstanceId}", resolve);
        }
    }

    private Task<bool> ChangeAsync(
        Action<ClientParts, Action<RegistrationAnswer>> change, CancellationToken cancellationToken) =>
        ChangeAsync(change, Interlocked.Increment(ref _newest), isAgain: false, cancellationToken);

    /// <summary>
    /// One after the other, so that the last one wins. False: it was to be made again, and there is a later
    /// one.
    /// </summary>
    private async Task<bool> ChangeAsync(
        Action<ClientParts, Action<RegistrationAnswer>> change, long number, bool isAgain,
        CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (isAgain && number != Interlocked.Read(ref _newest))
            {
                return false;
            }
            var answered = new TaskCompletionSource<RegistrationAnswer>(
                TaskCreationOptions.RunContinuationsAsynchronously);
            core.Step(parts =>
            {
                ThrowIfOver();
                change(parts, answer => answered.TrySetResult(answer));
            });
            var answer = await answered.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
            if (answer.Instance is null && answer.Refusal is null)
            {
                ThrowIfOver(); // its end has ended the change
            }
            Check(
                core, registration, answer,
                cancellation => ChangeAgainAsync(change, number, cancellation));
            return true;
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>It sets values, so twice is as good as once; but not over a later one.</summary>
    private async Task<ResolvedOutcome> ChangeAgainAsync(
        Action<ClientParts, Action<RegistrationAnswer>> change, long number,
        CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                if (!await ChangeAsync(change, number, isAgain: true, cancellationToken)
                    .ConfigureAwait(false))
                {
                    break;
                }
                return new() { Kind = OutcomeKind.Done };
            }
            catch (MusterRefusedException refusal)
            {
                return new() { Kind = OutcomeKind.Refused, Refusal = refusal };
            }
            catch (MusterUnknownException)
            {
                // No answer yet; whoever asks says how long to go on.
            }
        }
        return new()
        {
            Kind = OutcomeKind.Forgotten,
            Message = $"{InstanceId} was to be changed again since, and the later change counts.",
        };
    }

    private void ThrowIfOver()
    {
        ObjectDisposedException.ThrowIf(registration.Stage == RegistrationStage.Ended, typeof(IRegistration));
        if (registration.Stage == RegistrationStage.Taken)
        {
            throw new MusterRefusedException(
                RegistryRefusal.InstanceTaken, $"{Service} {InstanceId} is another process's now.");
        }
    }
}
