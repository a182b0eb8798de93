using System.Globalization;
using System.Text.Json;
using Muster.Consensus.Core;
using Muster.Contracts;
using Muster.Contracts.Consensus;
using Muster.Contracts.Lock;
using Muster.Contracts.Recovery;
using Muster.Detector.Machine;
using Muster.Lock.Machine;
using Muster.Recovery.Machine;
using Muster.Replication.Core;

namespace Muster.Simulator;

/// <summary>Short words for what a trace shows.</summary>
internal static class TraceText
{
    private static readonly CultureInfo Plain = CultureInfo.InvariantCulture;

    /// <summary>All that a contract says.</summary>
    public static string Json(object contract) =>
        JsonSerializer.Serialize(contract, contract.GetType(), ContractJson.Default);

    public static string Of(object? detail) => detail switch
    {
        null => "",
        string text => text,
        HardState state => string.Create(Plain, $"term {state.Term} vote {state.Vote}"),
        AppendEntries one => string.Create(Plain,
            $"append {one.From}>{one.To} t{one.Term} after {one.PreviousIndex}/{one.PreviousTerm} "
            + $"+{one.Entries.Count} commit {one.CommitIndex}"),
        AppendEntriesReply one => string.Create(Plain,
            $"appended {one.From}>{one.To} t{one.Term} {(one.Success ? "yes" : "no")} {one.MatchIndex}"),
        InstallSnapshot one =>
            string.Create(Plain, $"snapshot {one.From}>{one.To} t{one.Term} {one.Snapshot.Index}"),
        PreVoteReply one =>
            string.Create(Plain, $"pre-voted {one.From}>{one.To} t{one.NextTerm} {one.Granted}"),
        RequestVoteReply one => string.Create(Plain, $"voted {one.From}>{one.To} t{one.Term} {one.Granted}"),
        PeerMessage one => string.Create(Plain, $"{one.GetType().Name} {one.From}>{one.To} t{one.Term}"),
        ReplicaSend one => string.Create(Plain, $"{one.Message.GetType().Name} {one.RequestId} to {one.To}"),
        GroupMembership one => "of " + string.Join(' ', one.Members.Select(Of))
            + string.Concat(one.OutgoingVoters.Select(voter => " was " + Of(voter))),
        LockCommandBatch one => string.Join("; ", one.Commands.Select(Of)),
        LockReplyBatch one => string.Join("; ", one.Replies.Select(Of)),
        IReadOnlyList<LockEffect> effects => string.Join("; ", effects.Select(Of)),
        IReadOnlyList<DetectorEffect> effects => string.Join("; ", effects.Select(DetectorText.Of)),
        IReadOnlyList<RecoveryEffect> effects => string.Join("; ", effects.Select(RecoveryText.Of)),
        StandbyGroup one => string.Create(Plain,
            $"{one.Group} epoch {one.GroupEpoch} primary {one.Primary} version {one.StateVersion} of ")
            + string.Join(' ', one.Members.Select(member =>
                $"{member.Member}/{member.Incarnation}{(member.IsHealthy ? "" : "/failed")}")),
        _ => detail.GetType().Name,
    };

    private static string Of(GroupMember member) =>
        $"{member.Node}{(member.Role == MemberRole.Learner ? "/learner" : "")}"
        + (member.DiskId.Length > 0 ? $"@{member.DiskId[^3..]}" : "");

    public static string Of(LockEffect effect) => effect switch
    {
        LockEffect.Answer answer => "answer " + Of(answer.Reply),
        LockEffect.RenewalAnswer renewal => string.Create(Plain,
            $"renewal {renewal.Reply.Node} {renewal.Reply.Number} {renewal.Reply.Sessions.Count}"),
        LockEffect.Delivery { Item: var item } => string.Create(Plain,
            $"item {item.Number} {(item.Event is { } one ? Of(one) : "")} "
            + $"{(item.Reply is { } reply ? Of(reply) : "")}"),
        LockEffect.Noted { Fact: var fact } => string.Create(Plain,
            $"noted {fact.Kind} {string.Join(',', fact.Names)} {fact.SessionId} {fact.AcquireId} "
            + $"{fact.Token} {fact.Cause} {fact.Time} {fact.DurationMilliseconds} "
            + $"{fact.SinceRenewalMilliseconds}"),
        _ => effect.GetType().Name,
    };

    private static string Of(LockCommand command) => command switch
    {
        { AcquireLock: { } one } =>
            string.Create(Plain,
                $"acquire {Names(one.Name, one.Names)} {one.Mode} {one.CommandId} #{one.Sequence}"),
        { UpgradeLock: { } one } => string.Create(Plain, $"upgrade {one.AcquireId} {one.CommandId}"),
        { BreakLock: { } one } => string.Create(Plain, $"break {one.Name} {one.CommandId}"),
        { CancelAcquire: { } one } => string.Create(Plain, $"cancel {one.AcquireId} #{one.Sequence}"),
        { ReleaseLock: { } one } =>
            string.Create(Plain, $"release {one.Name} {one.AcquireId} {one.FencingToken}"),
        { OpenSession: { } one } => string.Create(Plain, $"open {one.SessionId}"),
        { DescribeLock: { } one } => string.Create(Plain, $"describe {one.Name}"),
        _ => "command",
    };

    private static string Of(LockReply reply) => reply switch
    {
        { LockGranted: { } one } =>
            string.Create(Plain,
                $"granted {Names(one.Name, one.Names)} {one.CommandId} {one.Mode} {one.FencingToken}"),
        { LockQueued: { } one } => string.Create(Plain, $"queued {one.Name} {one.CommandId}"),
        { LockReleased: { } one } => string.Create(Plain, $"released {one.Name} {one.AcquireId}"),
        { AcquireCancelled: { } one } => string.Create(Plain, $"cancelled {one.AcquireId} {one.WasHeld}"),
        { SessionOpened: { } one } => string.Create(Plain, $"opened {one.SessionId}"),
        { LockRefused: { } one } => string.Create(Plain, $"refused {one.CommandId} {one.Reason}"),
        { LockUnknown: { } one } => string.Create(Plain, $"unknown {one.CommandId}"),
        { LockDescription: { } one } =>
            $"described {one.Name} {string.Join(' ', one.Holders.Select(held => held.AcquireId))}",
        _ => "reply",
    };

    private static string Of(LockEvent one) => one switch
    {
        { LockGranted: { } granted } => string.Create(Plain,
            $"granted! {Names(granted.Name, granted.Names)} {granted.CommandId} {granted.AcquireId} "
            + $"{granted.Mode} {granted.Permits} {granted.FencingToken}"),
        { LockQueued: { } queued } => string.Create(Plain, $"queued! {queued.Name} {queued.CommandId}"),
        { LockReleased: { } released } =>
            string.Create(Plain, $"released! {released.Name} {released.AcquireId}"),
        { LockLost: { } lost } => string.Create(Plain,
            $"lost! {Names(lost.Name, lost.Names)} {lost.AcquireId} {lost.FencingToken} {lost.Cause}"),
        { SessionExpired: { } expired } => string.Create(Plain, $"expired! {expired.SessionId}"),
        _ => "event",
    };

    private static string Names(string name, IReadOnlyList<string>? names) =>
        names is null ? name : string.Join('+', names);
}
