using System.Globalization;
using Muster.Client;
using Muster.Contracts;
using Muster.Contracts.Detector;
using Muster.Contracts.Lock;

namespace Muster.Simulator;

/// <summary>
/// What clients were told, against the log: an answer is the log's own, and takes its place in an order in
/// which whatever was answered before a call began comes before that call. The log is that order, so a
/// history that passes is linearizable.
/// </summary>
internal sealed class HistoryChecks(Simulation world)
{
    private readonly Dictionary<string, LogIndex> _acknowledgedBefore = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FencingToken> _written = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FencingToken> _read = new(StringComparer.Ordinal);

    /// <summary>The newest entry whose effect any client has heard of.</summary>
    public LogIndex Acknowledged { get; private set; }

    public int Answers { get; private set; }

    public int Descriptions { get; private set; }

    public int Uses { get; private set; }

    /// <summary>
    /// Uses that the fence kept out: of a holder who had not heard yet that his lock was taken.
    /// </summary>
    public int Fenced { get; private set; }

    public void OnCall(string commandId) => _acknowledgedBefore.TryAdd(commandId, Acknowledged);

    /// <summary>A heartbeat that names sessions is a call, and is told apart by its number.</summary>
    public void OnCall(Heartbeat heartbeat) =>
        OnCall(IdOf(heartbeat.Node, heartbeat.Incarnation, heartbeat.Number));

    public void OnRenewed(HeartbeatAnswered answer) =>
        OnPlace(IdOf(answer.Node, answer.Incarnation, answer.Number), answer.Freshness);

    /// <param name="who">Who was told: a client, or a replica of the recovery.</param>
    /// <param name="reply">What.</param>
    public void OnAnswer(string who, LockReply reply)
    {
        switch (reply)
        {
            case { LockGranted: { } granted }:
                Require(world.Checks.Locks.WasGranted(granted.CommandId, granted.FencingToken),
                    "durability",
                    $"{who} was told of the grant {granted.CommandId}, the log was not");
                OnPlace(granted.CommandId, granted.Freshness);
                break;
            case { LockReleased: { } released }:
                Require(world.Checks.Locks.WasReleased(released.AcquireId),
                    "durability",
                    $"{who} was told of the release of {released.AcquireId}, the log was not");
                OnPlace(released.CommandId, released.Freshness);
                break;
            case { LockDescription: { } description }:
                OnDescribed(who, description);
                OnPlace(description.CommandId, description.Freshness);
                break;
            case { LockBroken: { } broken }:
                Require(world.Checks.Locks.WasBroken(broken), "durability",
                    $"{who} was told of the break {broken.CommandId}, the log was not, or otherwise");
                OnPlace(broken.CommandId, broken.Freshness);
                break;
            case { SessionClosed: { } closed }:
                Require(world.Checks.Locks.Sessions.HasEnded(closed.SessionId), "durability",
                    $"{who} was told that {closed.SessionId} is closed, the log was not");
                OnPlace(closed.CommandId, closed.Freshness);
                break;
            case { LockQueued: { } queued }: OnPlace(queued.CommandId, queued.Freshness); break;
            case { AcquireCancelled: { } done }: OnPlace(done.CommandId, done.Freshness); break;
            case { SessionOpened: { } opened }: OnPlace(opened.CommandId, opened.Freshness); break;
            case { LockRefused: { } refused }: OnPlace(refused.CommandId, refused.Freshness); break;
        }
    }

    /// <summary>
    /// A holder uses what the lock guards, having looked at its lease just before. Who writes comes after all
    /// who used it under older tokens, who reads after all writers. Of a lock that was broken, or released by
    /// a verdict, the fence alone keeps the former holder out; he counts on the latter for a TTL at most.
    /// </summary>
    public void OnUse(ClientProcess client, Acquire held)
    {
        Uses++;
        var revokedAt = world.Checks.Locks.RevokedAt(held.Id, held.Session!.Id);
        var longest = client.Settings.SessionTtl * Scheduler.Millisecond;
        var isCrashed = world.Checks.Locks.Sessions.CrashedAt(held.Session.Id) is not null;
        Require(!isCrashed || world.Scheduler.Now <= revokedAt + longest, "lost is said",
            $"{client.Name} counts on {held.Id} a whole TTL after its session was released");
        if (held.Claim.Mode == LockMode.Permits)
        {
            return;
        }
        var writes = held.Upgrade is not null || held.Claim.Mode == LockMode.Exclusive;
        foreach (var name in held.Claim.Names)
        {
            var newest = _written.GetValueOrDefault(name);
            if (writes && _read.GetValueOrDefault(name) is var read && read > newest)
            {
                newest = read;
            }
            if (held.Token < newest && revokedAt is not null)
            {
                Fenced++;
                continue;
            }
            Require(held.Token >= newest, "one holder",
                $"{client.Name} uses {name} under {held.Token} after somebody did under {newest}");
            Use(writes ? _written : _read, name, held.Token);
        }
    }

    private static string IdOf(string node, string incarnation, long number) =>
        string.Create(CultureInfo.InvariantCulture, $"heartbeat {node} {incarnation} {number}");

    private static void Use(Dictionary<string, FencingToken> used, string name, FencingToken token)
    {
        if (token > used.GetValueOrDefault(name))
        {
            used[name] = token;
        }
    }

    // A replica's own refusals say nothing of a place: they changed and read nothing.
    private void OnPlace(string commandId, Freshness freshness)
    {
        if (freshness.Index == LogIndex.Zero)
        {
            return;
        }
        Answers++;
        Require(freshness.Index >= _acknowledgedBefore.GetValueOrDefault(commandId), "linearizability",
            $"{commandId} took effect at {freshness.Index}, and "
            + $"{_acknowledgedBefore.GetValueOrDefault(commandId)} was answered before it was called");
        Require(freshness.Index <= world.Checks.Raft.Head, "durability",
            $"{commandId} is answered at {freshness.Index}, and the log ends at {world.Checks.Raft.Head}");
        if (freshness.Index > Acknowledged)
        {
            Acknowledged = freshness.Index;
        }
    }

    private void OnDescribed(string who, LockDescription description)
    {
        Descriptions++;
        var held = Text(world.Checks.Locks.Holds.At(description.Name, description.Freshness.Index));
        var told = Text(description.Holders.Select(one =>
            new LockHold(one.AcquireId, one.SessionId, one.Mode, one.Permits, one.FencingToken)));
        Require(held == told, "linearizability",
            $"{who} was told that {description.Name} is held by [{told}], "
            + $"and at {description.Freshness.Index} it was [{held}]");

        static string Text(IEnumerable<LockHold> holds) =>
            string.Join("; ", holds.OrderBy(hold => hold.AcquireId, StringComparer.Ordinal));
    }

    private static void Require(bool holds, string property, string what)
    {
        if (!holds)
        {
            throw new SimulationFailure(property, what);
        }
    }
}
