using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Muster.Contracts.Recovery;

namespace Muster.Client;

internal sealed class StandbyHandle(ClientCore core, StandbyMember member, ILogger logger) : IStandby
{
    private readonly SemaphoreSlim _updating = new(1, 1);

    public string Group => member.Group;

    public string Member => member.Name;

    public StandbyRole Role => member.View.Role;

    public long GroupEpoch => member.View.GroupEpoch;

    public long StateVersion => member.View.StateVersion;

    public CancellationToken Deposed => member.Term.Token;

    public async Task<long> UpdateStateAsync(byte[] state, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(state);
        Sizes.ThrowIfAbove("state", state.Length, Sizes.MaxStateBytes, "bytes", nameof(state));
        await _updating.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await UpdateAsync(state, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _updating.Release();
        }
    }

    public async Task<RecoveredState> RecoverStateAsync(CancellationToken cancellationToken)
    {
        var reply = await core.AskAsync(
            $"The state of {Group}",
            id => new RecoveryCommand { RecoverState = new RecoverState { CommandId = id, Group = Group } },
            cancellationToken).ConfigureAwait(false);
        var recovered = reply.StateRecovered ?? throw CallKinds.ToException(reply.RecoveryRefused);
        core.StepUnlessClosed(parts =>
        {
            member.SetWriteBase(recovered.Group.StateVersion, Place.Of(recovered.Freshness));
            parts.Standbys.Learn(member, recovered.Group, Place.Of(recovered.Freshness));
        });
        return new RecoveredState(recovered.State, recovered.Group.StateVersion);
    }

    public async IAsyncEnumerable<StandbyView> WatchAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var views = new Mailbox<StandbyView>();
        core.Step(parts =>
        {
            views.Put(Group, member.View);
            if (parts.Standbys.Has(member))
            {
                member.Watchers.Add(views);
            }
            else
            {
                views.End(new ObjectDisposedException(nameof(IStandby)));
            }
        });
        try
        {
            await foreach (var view in views.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                yield return view;
            }
        }
        finally
        {
            core.StepUnlessClosed(_ => member.Watchers.Remove(views));
        }
    }

    public async ValueTask DisposeAsync()
    {
        var withdrawn = Task.CompletedTask;
        core.StepUnlessClosed(parts => withdrawn = parts.Standbys.Withdraw(member));
        try
        {
            await withdrawn.WaitAsync(ClientCore.CloseTimeout, core.Time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            logger.WithdrawalUnanswered("standby", Group, Member);
        }
    }

    private async Task<long> UpdateAsync(byte[] state, CancellationToken cancellationToken)
    {
        var (view, writeBase) = (member.View, 0L);
        core.Step(_ => (view, writeBase) = (member.View, member.WriteBase));
        if (view.Role != StandbyRole.Primary)
        {
            throw new MusterRefusedException(
                RecoveryRefusal.NotPrimary, $"{Member} is not the primary of {Group}.");
        }
        var reply = await core.AskAsync(
            $"The state of {Group}",
            id => new RecoveryCommand
            {
                UpdateState = new UpdateState
                {
                    CommandId = id,
                    Group = Group,
                    Member = Member,
                    GroupEpoch = view.GroupEpoch,
                    ExpectedVersion = writeBase,
                    State = state,
                },
            },
            cancellationToken,
            Sizes.OnWire(state),
            late => late.StateWritten is { } written ? OnWritten(written) : null).ConfigureAwait(false);
        if (reply.StateWritten is { } written)
        {
            return OnWritten(written);
        }
        if (reply.RecoveryRefused is { Reason: RecoveryRefusal.NotPrimary })
        {
            core.StepUnlessClosed(parts => parts.Standbys.OnNotPrimary(member, view.GroupEpoch));
        }
        throw CallKinds.ToException(reply.RecoveryRefused);
    }

    private long OnWritten(StateWritten written)
    {
        core.StepUnlessClosed(parts => parts.Standbys.OnWritten(member, written));
        return written.StateVersion;
    }
}
