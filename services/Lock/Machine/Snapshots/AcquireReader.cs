using Muster.Contracts;
using Muster.Contracts.Lock;

namespace Muster.Lock.Machine;

/// <summary>
/// Puts a snapshot's acquires back into the queues, one by one in their written order: who holds, who waits,
/// the upgrades.
/// </summary>
internal static class AcquireReader
{
    public static void Add(LockState state, AcquireSnapshot shape)
    {
        var session = state.Sessions.Find(shape.SessionId)
            ?? throw new FormatException($"The acquire {shape.Id} has no session {shape.SessionId}.");
        var claim = shape.Claim ?? new() { Names = [shape.Name ?? ""], Value = shape.Value };
        Check(state, shape, claim);
        var acquire = new Acquire
        {
            Session = session,
            Id = shape.Id,
            Claim = claim,
            Upgrades = shape.Upgrades is null ? null : HoldOf(session, shape, claim),
            Sequence = shape.Sequence,
            Ticket = shape.Ticket,
            WaitDeadline = shape.WaitDeadline,
            Since = shape.Since,
            ReplyTo = NullFields.Fill(shape.ReplyTo),
            Origin = shape.Origin ?? "",
            Reply = shape.Reply,
        };
        if (shape.Token == FencingToken.None)
        {
            state.Locks.Enqueue(acquire);
            return;
        }
        SnapshotReader.Require(
            state.Locks.CanHold(acquire), $"{acquire.Claim.Text} has holders that exclude each other");
        state.Locks.Hold(acquire);
        acquire.Token = shape.Token;
    }

    private static Acquire HoldOf(Session session, AcquireSnapshot shape, LockClaim claim)
    {
        var hold = session.Acquires.GetValueOrDefault(shape.Upgrades!);
        SnapshotReader.Require(
            hold is { IsHeld: true, Claim.Mode: LockMode.Upgradeable, Upgrade: null }
                && hold.Claim.Name == claim.Name,
            $"{shape.Id} upgrades what is not upgradeable");
        return hold!;
    }

    private static void Check(LockState state, AcquireSnapshot shape, LockClaim claim)
    {
        var id = shape.Id;
        SnapshotReader.Require(
            !state.Sessions.Find(shape.SessionId)!.Acquires.ContainsKey(id),
            $"the acquire {id} is there twice");
        SnapshotReader.Require(
            shape is { Reply.LockGranted: not null } or { Reply.LockQueued: not null },
            $"the acquire {id} has no answer");
        SnapshotReader.Require(
            LockValidation.CheckNames(claim.Names) is null
                && LockValidation.CheckMode(claim) is null,
            $"what {id} asks for is not possible");
        SnapshotReader.Require(
            claim.Names.SequenceEqual(claim.Names.Order(StringComparer.Ordinal)),
            $"the names of {id} are in no order");
        SnapshotReader.Require(
            claim.Names.All(name => state.Locks.Find(name) is not { } queue || queue.IsOfKind(claim)),
            $"{claim.Text} is in use as something else");
        SnapshotReader.Require(
            shape.WaitDeadline <= state.Clock.Time + LockValidation.MaxWaitMilliseconds,
            $"the wait of {id} lasts too long");
        SnapshotReader.Require(shape.Ticket <= state.LastTicket, $"the ticket of {id} was never given");
        SnapshotReader.Require(shape.Token.Value <= state.LastToken, $"the token of {id} was never given");
    }
}
