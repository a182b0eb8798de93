using Muster.Client;
using Muster.Contracts;
using Muster.Contracts.Recovery;
using Muster.Recovery.Machine;
using Muster.Replication.Core;

namespace Muster.Simulator;

/// <summary>
/// The recovery's promises, from its log: one primary an epoch and epochs that only grow, each step by the
/// claim that stands, nobody promoted while the failed primary's lock is held, and every acknowledged write
/// in every state that is recovered later.
/// </summary>
internal sealed class RecoveryChecks(Simulation world)
{
    private readonly SortedDictionary<string, Standing> _groups = new(StringComparer.Ordinal);
    private readonly Dictionary<(string RecoveryId, long ClaimEpoch), string> _claims = [];
    private readonly Dictionary<string, FencingToken> _newestAtFence = new(StringComparer.Ordinal);

    /// <summary>What is to be fenced: the token that who failed held then.</summary>
    private readonly Dictionary<string, FencingToken> _heldAtFence = new(StringComparer.Ordinal);

    private IReadOnlyList<OpenFence> _open = [];
    private LogIndex _openAt;

    public int Promotions { get; private set; }

    public int Recoveries { get; private set; }

    /// <summary>Writes of states that the log took.</summary>
    public int Writes => _groups.Values.Sum(group => group.Writes.Count);

    public void OnApplied(AppliedEntry entry, IReadOnlyList<RecoveryEffect> effects)
    {
        IReadOnlyList<RecoveryEntryCommand> commands =
            entry.Body.IsEmpty ? [] : RecoveryEntryCodec.Read(entry.Body.Span).Commands;
        StateUpdated? updated = null;
        foreach (var effect in effects)
        {
            switch (effect)
            {
                case RecoveryEffect.Delivery { Item.Event.StandbyPromoted: { } promoted }:
                    OnPromoted(promoted, commands);
                    break;
                case RecoveryEffect.Delivery { Item.Event.RecoveryFailed: { } failed }:
                    RequireClaim(failed.RecoveryId, commands);
                    break;
                case RecoveryEffect.Delivery { Item.Event.RecoveryCompleted: not null }:
                    Recoveries++;
                    break;
                case RecoveryEffect.Delivery { Item.Event.StateUpdated: { } one }:
                    updated = one;
                    break;
                case RecoveryEffect.Answer { Reply.StateWritten: { } written }:
                    OnWritten(written, updated, commands);
                    updated = null;
                    break;
                case RecoveryEffect.Answer { Reply.RecoveryAccepted.Group: { Primary.Length: > 0 } shown }:
                    var promotedThen = GroupOf(shown.Group).Primaries.GetValueOrDefault(shown.GroupEpoch);
                    Require(promotedThen == shown.Primary, "one primary",
                        $"{shown.Primary} is shown as the primary of {shown.Group} in epoch "
                        + $"{shown.GroupEpoch}, and {promotedThen} was promoted in it");
                    break;
            }
        }
    }

    /// <summary>The fences that a replica has open after an entry; of one that lags only its claims
    /// count.</summary>
    public void OnFences(LogIndex index, IReadOnlyList<OpenFence> open)
    {
        foreach (var fence in open.Where(fence => fence.Claimant.Length > 0))
        {
            var claim = (fence.RecoveryId, fence.ClaimEpoch);
            Require(_claims.TryAdd(claim, fence.Claimant) || _claims[claim] == fence.Claimant, "claims",
                $"{fence.RecoveryId} is claimed by {fence.Claimant} and {_claims[claim]} in the epoch "
                + $"{fence.ClaimEpoch}");
        }
        if (index <= _openAt)
        {
            return;
        }
        foreach (var fence in open)
        {
            var before = _open.FirstOrDefault(one => one.RecoveryId == fence.RecoveryId);
            Require(before is null || before.ClaimEpoch <= fence.ClaimEpoch, "claims",
                $"the claims of {fence.RecoveryId} go back from {before?.ClaimEpoch} to {fence.ClaimEpoch}");
            if (_newestAtFence.TryAdd(fence.CommandId, world.Checks.Locks.NewestToken))
            {
                _heldAtFence[fence.CommandId] = world.Checks.Locks.Holds.Of(fence.Lock)
                    .FirstOrDefault(hold => hold.SessionId == fence.SessionId)?.Token ?? default;
            }
        }
        (_open, _openAt) = (open, index);
    }

    /// <summary>The newest version whose writer has heard that it is written.</summary>
    public long Acknowledged(string group) => GroupOf(group).Acknowledged;

    public void OnAcknowledged(string client, StateWritten written)
    {
        var group = GroupOf(written.Group);
        Require(group.Writes.GetValueOrDefault(written.StateVersion)?.CommandId == written.CommandId,
            "durability", $"{client} was told that {written.CommandId} is version {written.StateVersion} "
            + $"of {written.Group}, the log was not");
        group.Acknowledged = Math.Max(group.Acknowledged, written.StateVersion);
    }

    /// <summary>Somebody read the state; what was acknowledged before he asked is in it.</summary>
    public void OnRecovered(string client, string name, long version, byte[] state, long before)
    {
        var group = GroupOf(name);
        Require(version >= before, "durability",
            $"{client} recovered version {version} of {name}, and {before} was acknowledged before");
        var written = group.Writes.GetValueOrDefault(version)?.State ?? [];
        Require(state.AsSpan().SequenceEqual(written), "durability",
            $"{client} recovered another state of {name} than was written as version {version}");
    }

    /// <summary>Whoever follows has what the former primaries were told is written.</summary>
    public void OnTakenOver(string client, StandbyPromotion promotion)
    {
        var group = GroupOf(promotion.Group);
        var before = group.Writes.Where(write =>
            write.Key <= group.Acknowledged && write.Value.Epoch < promotion.GroupEpoch);
        OnRecovered(
            client, promotion.Group, promotion.StateVersion, promotion.State,
            before.Select(write => write.Key).DefaultIfEmpty().Max());
    }

    public void CheckTheEnd(RecoveryMachine machine)
    {
        foreach (var (name, group) in _groups)
        {
            var reply = machine.Recover(new RecoverState { CommandId = "end", Group = name });
            var recovered = reply.StateRecovered;
            Require(recovered?.Group.GroupEpoch == group.Epoch, "one primary",
                $"{name} ends in epoch {recovered?.Group.GroupEpoch}, and {group.Epoch} was the newest");
            OnRecovered("the end", name, recovered!.Group.StateVersion, recovered.State, group.Writes.Count);
        }
    }

    private void OnPromoted(StandbyPromoted promoted, IReadOnlyList<RecoveryEntryCommand> commands)
    {
        Promotions++;
        var group = GroupOf(promoted.Group);
        Require(promoted.GroupEpoch > group.Epoch, "one primary",
            $"{promoted.Member} is promoted in epoch {promoted.GroupEpoch} of {promoted.Group}, "
            + $"which had {group.Epoch} already");
        Require(promoted.FenceToken >= group.FenceToken, "fencing",
            $"the fence of {promoted.Group} goes back from {group.FenceToken} to {promoted.FenceToken}");
        group.Primaries.Add(promoted.GroupEpoch, promoted.Member);
        (group.Epoch, group.FenceToken) = (promoted.GroupEpoch, promoted.FenceToken);
        if (RequireClaim(promoted.RecoveryId, commands) is { Lock.Length: > 0 } fence)
        {
            // What that session acquired since the fence began it has acquired in order.
            var holder = world.Checks.Locks.Holds.Of(fence.Lock) is [var first, ..] ? first : null;
            Require(
                holder?.SessionId != fence.SessionId
                    || holder.Token > _newestAtFence[fence.CommandId], "fencing",
                $"{promoted.Member} is promoted while {fence.FailedMember} still holds {fence.Lock}");
            Require(promoted.FenceToken > _heldAtFence[fence.CommandId], "fencing",
                $"{promoted.Member} is promoted with the fence {promoted.FenceToken}, and "
                + $"{fence.FailedMember} held {fence.Lock} under {_heldAtFence[fence.CommandId]}");
        }
    }

    /// <summary>The fence that was open before this entry, if this entry ended one.</summary>
    private OpenFence? RequireClaim(string recoveryId, IReadOnlyList<RecoveryEntryCommand> commands)
    {
        if (_open.FirstOrDefault(one => one.RecoveryId == recoveryId) is not { } fence)
        {
            return null;
        }
        Require(
            fence.Claimant.Length > 0 && commands.Any(command => command.StepDone is { } done
                && done.RecoveryId == recoveryId && done.ClaimEpoch == fence.ClaimEpoch),
            "claims",
            $"the fence of {recoveryId} is over without a word of {fence.Claimant} in the epoch "
            + $"{fence.ClaimEpoch}");
        return fence;
    }

    private void OnWritten(
        StateWritten written, StateUpdated? updated, IReadOnlyList<RecoveryEntryCommand> commands)
    {
        var group = GroupOf(written.Group);
        if (updated is null)
        {
            // The answer of a command that comes again is the first one, as long as it is remembered.
            Require(group.Writes.GetValueOrDefault(written.StateVersion)?.CommandId == written.CommandId,
                "exactly once", $"{written.CommandId} is answered version {written.StateVersion} of "
                + $"{written.Group}, which another wrote");
            return;
        }
        var update = commands.Select(command => command.UpdateState)
            .First(one => one?.CommandId == written.CommandId)!;
        var primary = group.Primaries.GetValueOrDefault(group.Epoch);
        Require(update.GroupEpoch == group.Epoch && update.Member == primary,
            "one primary", $"{update.Member} writes to {update.Group} as the primary of epoch "
            + $"{update.GroupEpoch}, and the group has {group.Epoch}");
        Require(
            written.StateVersion == group.Writes.Count + 1
                && update.ExpectedVersion == written.StateVersion - 1
                && updated.StateVersion == written.StateVersion && updated.GroupEpoch == group.Epoch,
            "versions", $"{update.CommandId} writes version {written.StateVersion} of {update.Group} over "
            + $"{update.ExpectedVersion}, and {group.Writes.Count} is the newest");
        Require(group.Writers.Add(update.CommandId), "exactly once", $"{update.CommandId} is written twice");
        group.Writes.Add(written.StateVersion, new(update.CommandId, update.GroupEpoch, update.State));
    }

    private Standing GroupOf(string name)
    {
        if (!_groups.TryGetValue(name, out var group))
        {
            _groups[name] = group = new Standing();
        }
        return group;
    }

    private static void Require(bool holds, string property, string what)
    {
        if (!holds)
        {
            throw new SimulationFailure(property, what);
        }
    }

    private sealed record Write(string CommandId, long Epoch, byte[] State);

    /// <summary>One standby group, as the log's events make it.</summary>
    private sealed class Standing
    {
        public long Epoch { get; set; }

        public FencingToken FenceToken { get; set; }

        public long Acknowledged { get; set; }

        public Dictionary<long, string> Primaries { get; } = [];

        public SortedDictionary<long, Write> Writes { get; } = [];

        public HashSet<string> Writers { get; } = new(StringComparer.Ordinal);
    }
}
