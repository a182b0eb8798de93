using Muster.Contracts;
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
    private readonly Dictionary<string, FencingToken> _used = new(StringComparer.Ordinal);

    /// <summary>The newest entry whose effect any client has heard of.</summary>
    public LogIndex Acknowledged { get; private set; }

    public int Answers { get; private set; }

    public int Descriptions { get; private set; }

    public int Uses { get; private set; }

    public void OnCall(string commandId) => _acknowledgedBefore.TryAdd(commandId, Acknowledged);

    public void OnAnswer(ClientProcess client, LockReply reply)
    {
        switch (reply)
        {
            case { LockGranted: { } granted }:
                Require(world.Checks.Locks.GrantOf(granted.CommandId)?.FencingToken == granted.FencingToken,
                    "durability",
                    $"{client.Name} was told of the grant {granted.CommandId}, the log was not");
                OnPlace(granted.CommandId, granted.Freshness);
                break;
            case { LockReleased: { } released }:
                Require(world.Checks.Locks.WasReleased(released.AcquireId),
                    "durability",
                    $"{client.Name} was told of the release of {released.AcquireId}, the log was not");
                OnPlace(released.CommandId, released.Freshness);
                break;
            case { LockDescription: { } description }:
                OnDescribed(client, description);
                OnPlace(description.CommandId, description.Freshness);
                break;
            case { LockQueued: { } queued }: OnPlace(queued.CommandId, queued.Freshness); break;
            case { AcquireCancelled: { } done }: OnPlace(done.CommandId, done.Freshness); break;
            case { SessionOpened: { } opened }: OnPlace(opened.CommandId, opened.Freshness); break;
            case { LockRefused: { } refused }: OnPlace(refused.CommandId, refused.Freshness); break;
        }
    }

    /// <summary>A holder uses what the lock guards, having looked at its lease just before.</summary>
    public void OnUse(ClientProcess client, string name, FencingToken token)
    {
        Uses++;
        var newest = _used.GetValueOrDefault(name);
        Require(token >= newest, "one holder",
            $"{client.Name} uses {name} under {token} after somebody did under {newest}");
        _used[name] = token;
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

    private void OnDescribed(ClientProcess client, LockDescription description)
    {
        Descriptions++;
        var holder = world.Checks.Locks.HolderAt(description.Name, description.Freshness.Index);
        var told = description.Holders.SingleOrDefault();
        Require(holder?.CommandId == told?.AcquireId
            && (holder?.FencingToken ?? default) == (told?.FencingToken ?? default),
            "linearizability",
            $"{client.Name} was told that {description.Name} is held by {told?.AcquireId}, "
            + $"and at {description.Freshness.Index} it was {holder?.CommandId}");
    }

    private static void Require(bool holds, string property, string what)
    {
        if (!holds)
        {
            throw new SimulationFailure(property, what);
        }
    }
}
