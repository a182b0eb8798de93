using System.Globalization;
using Muster.Contracts.Detector;
using Muster.Contracts.Lock;
using Muster.Lock.Machine;
using Muster.Replication.Core;

namespace Muster.Unit.Tests.Lock;

/// <summary>One line for one effect, as the scripts state it.</summary>
internal static class EffectText
{
    public static string Of(LockEffect effect) => effect switch
    {
        LockEffect.Answer answer => $"{answer.To?.Address} <- {Of(answer.Reply)}",
        LockEffect.RenewalAnswer renewal => "beat " + string.Join(", ", renewal.Reply.Sessions.Select(Of)),
        LockEffect.Restoration { Outcome: { Restored: { } restored } outcome } =>
            $"{outcome.CommandId}: restored to epoch {restored.Epoch}, tokens above {restored.TokenFloor}",
        LockEffect.Restoration { Outcome: var outcome } => $"{outcome.CommandId}: not restored",
        LockEffect.CrashTaken { Crash: var crash } =>
            $"crash {crash.Number} of {crash.Node}/{crash.Incarnation} taken",
        LockEffect.Delivery { Item: var item } => Of(item),
        LockEffect.Noted { Fact: var fact } => "noted " + Of(fact),
        _ => throw new InvalidOperationException($"An effect of no kind: {effect}"),
    };

    public static string Of(LockReply reply) => reply switch
    {
        { SessionOpened: { } opened } => $"{opened.CommandId}: opened {opened.SessionId}",
        { SessionClosed: { } closed } => $"{closed.CommandId}: closed {closed.SessionId}",
        { LockGranted: { } granted } => $"{granted.CommandId}: granted {Of(granted)}",
        { LockQueued: { } queued } =>
            $"{queued.CommandId}: queued {Of(queued.Name, queued.Names)} behind {queued.Ahead}",
        { AcquireCancelled: { } cancelled } =>
            $"{cancelled.CommandId}: cancelled {cancelled.AcquireId}"
                + (cancelled.WasHeld ? ", was held" : ""),
        { LockReleased: { } released } =>
            $"{released.CommandId}: released {Of(released.Name, released.Names)} {released.FencingToken}",
        { LockBroken: { } broken } => $"{broken.CommandId}: broken {broken.Name} {broken.FencingToken}"
            + (broken.WasHeld ? $", was held under {broken.BrokenToken}" : ""),
        { NamespaceLimitsSet: { } set } =>
            $"{set.CommandId}: '{set.Namespace}' at most {Of(set.Limits)}, has {Of(set.Use)}",
        { ValueProclaimed: { } proclaimed } =>
            $"{proclaimed.CommandId}: proclaimed {proclaimed.Election} {proclaimed.FencingToken} "
                + $"{proclaimed.CampaignId} by event {proclaimed.Event.Number}",
        { LeaderObserved: { } observed } =>
            $"{observed.CommandId}: {Leader(observed.Election, observed.Leader)}",
        { LockUnknown: { } unknown } => $"{unknown.CommandId}: unknown",
        { LockRefused: { } refused } => $"{refused.CommandId}: {refused.Reason}",
        _ => throw new InvalidOperationException($"A reply of no kind: {reply}"),
    };

    public static string Of(LockEvent lockEvent) => lockEvent switch
    {
        { LockGranted: { } granted } => $"granted {Of(granted)} {granted.CommandId}",
        { LockQueued: { } queued } => $"queued {Of(queued.Name, queued.Names)} {queued.CommandId}",
        { LockReleased: { } released } =>
            $"released {Of(released.Name, released.Names)} {released.FencingToken} {released.AcquireId}",
        { LockLost: { } lost } =>
            $"lost {Of(lost.Name, lost.Names)} {lost.FencingToken} {lost.AcquireId} {lost.Cause}",
        { SessionExpired: { } expired } =>
            (expired.Cause == "SessionCrashed" ? "crashed " : "expired ") + expired.SessionId,
        { LeaderChanged: { } changed } => Leader(changed.Election, changed.Leader),
        _ => throw new InvalidOperationException($"An event of no kind: {lockEvent}"),
    };

    public static string Of(NamespaceDescription one) =>
        $"'{one.Namespace}' at most {Of(one.Limits)}, has {Of(one.Use)}";

    private static string Of(NamespaceLimits limits) =>
        $"{limits.MaxLocks}/{limits.MaxAcquires}/{limits.MaxWaiting}";

    private static string Of(NamespaceUse use) => $"{use.Locks}/{use.Acquires}/{use.Waiting}";

    public static string Of(LockFact fact) => string.Join(' ', new[]
    {
        fact.Kind.ToString(),
        fact.Names.Count == 0 ? "-" : string.Join(',', fact.Names),
        fact.SessionId,
        fact.AcquireId,
        fact.IsUpgrade ? "upgrade" : "",
        fact.Token.Value == 0 ? "" : $"token={fact.Token}",
        fact.Mode == LockMode.Exclusive ? "" : $"mode={fact.Mode}",
        fact.Flow.Length == 0 ? "" : $"flow={fact.Flow}",
        fact.Kind == LockHistoryKind.Queued ? $"ahead={fact.Ahead}" : "",
        Number("for", fact.DurationMilliseconds),
        fact.Cause,
        fact.CommandId.Length == 0 ? "" : $"by={fact.CommandId}",
        fact.Reason.Length == 0 ? "" : $"reason={fact.Reason}",
        Number("ttl", fact.TtlMilliseconds),
        Number("silent", fact.SinceRenewalMilliseconds),
    }.Where(part => part.Length > 0)).Replace(
        "mode=Permits", $"mode=Permits/{fact.Permits}", StringComparison.Ordinal);

    private static string Of(LockGranted granted) =>
        $"{Of(granted.Name, granted.Names)} {granted.FencingToken}"
            + (granted.Mode == LockMode.Exclusive ? "" : $" {granted.Mode}")
            + (granted.Permits == 0 ? "" : $" {granted.Permits}")
            + (granted.AcquireId is { } upgraded ? $" of {upgraded}" : "");

    private static string Of(string name, IReadOnlyList<string>? names) =>
        names is null ? name : string.Join(',', names);

    private static string Leader(string election, ElectionLeader? leader) =>
        $"leader of {election}: " + (leader is null
            ? "none"
            : $"{leader.SessionId} {leader.FencingToken} {leader.CampaignId} '{leader.Value}'");

    private static string Of(OutboxItem<LockEvent, LockReply> item)
    {
        var text = $"#{item.Number}";
        if (item.Event is { } lockEvent)
        {
            text += $" event {item.EventId!.Number}: {Of(lockEvent)}";
        }
        return item.Reply is { } reply
            ? $"{text} | {item.ReplyTo!.Address} <- {Of(reply)} via {item.Origin}"
            : text;
    }

    private static string Of(HeldLock held) =>
        $" holds {held.Name} {held.FencingToken} {held.AcquireId}"
            + (held.UpgradeId is { } upgrade ? $" upgraded by {upgrade}" : "");

    private static string Of(SessionRenewal renewal) =>
        renewal.Status == RenewalStatus.Unknown
            ? renewal.SessionId + " unknown"
            : renewal.SessionId
                + string.Concat(renewal.Grants.Select(Of))
                + string.Concat(renewal.Waits.Select(wait => $" waits {wait}"));

    private static string Number(string name, long? value) =>
        value is { } number ? string.Create(CultureInfo.InvariantCulture, $"{name}={number}") : "";
}
