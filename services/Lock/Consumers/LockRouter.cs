using Muster.Contracts;
using Muster.Contracts.Detector;
using Muster.Contracts.Lock;
using Muster.Lock.Machine;
using Muster.Serving;

namespace Muster.Lock.Consumers;

/// <summary>
/// Where every lock command enters a process: it goes to the replica of the group that its lock's name or its
/// session's id says. Thread-safe, never blocks.
/// </summary>
/// <param name="intakes">By group, in the order of their numbers.</param>
/// <param name="groups">Their names.</param>
/// <param name="replies">For sending; nothing is gathered.</param>
public sealed class LockRouter(
    IReadOnlyList<LockIntake> intakes, IReadOnlyList<string> groups, ReplyBatches<LockReply> replies)
    : IBatchTaker<LockCommandBatch, LockCommand>
{
    private readonly List<string> _groups = [.. groups];

    /// <summary>
    /// Takes one command; <paramref name="settled"/> is called once, after its first answer is sent.
    /// </summary>
    public void Take(LockCommand command, Action settled)
    {
        var number = GroupOf(command, intakes.Count);
        if (number >= 0 && number < intakes.Count)
        {
            intakes[number].Take(command, settled);
            return;
        }
        Refuse(
            LockCommands.IdOf(command), LockCommands.ReplyToOf(command),
            $"There is no lock group {number}; they count from 0 to {intakes.Count - 1}.");
        settled();
    }

    /// <summary>Takes a catch-up query, which names its group unless there is only one.</summary>
    public void Take(ReadLockEvents query, Action settled)
    {
        var number = string.IsNullOrEmpty(query.Group) && _groups.Count == 1
            ? 0
            : _groups.IndexOf(query.Group);
        if (number >= 0)
        {
            intakes[number].Take(query, settled);
            return;
        }
        Refuse(
            query.CommandId, query.ReplyTo,
            $"Each lock group has its own events: the query names one of {string.Join(", ", _groups)}, and "
            + $"not '{query.Group}'.");
        settled();
    }

    /// <summary>
    /// Takes a heartbeat: each group gets those of its sessions, and answers for them. A session whose id
    /// says no group goes to the first, which does not know it and says so.
    /// </summary>
    /// <returns>Whether it is proposed, all of it.</returns>
    public bool Take(Heartbeat heartbeat)
    {
        if (intakes.Count == 1)
        {
            return intakes[0].Take(heartbeat);
        }
        var taken = heartbeat.Sessions.Count > 0;
        foreach (var sessions in heartbeat.Sessions.GroupBy(
            session => LockGroups.OfSession(session ?? "", intakes.Count) ?? 0))
        {
            taken &= intakes[sessions.Key].Take(heartbeat with { Sessions = [.. sessions] });
        }
        return taken;
    }

    /// <summary>The number of the group that a command or query is for; a query may name one that is not.
    /// </summary>
    public static int GroupOf(LockCommand command, int groups) => command switch
    {
        { ListLocks: { } list } => list.GroupNumber,
        { FindDeadlocks: { } search } => search.GroupNumber,
        { DescribeNamespaces: { } query } => query.GroupNumber,
        { SetNamespaceLimits: { } set } => set.GroupNumber,
        { ReadLockHistory: { } query }
            when string.IsNullOrEmpty(query.Name) && string.IsNullOrEmpty(query.SessionId) =>
            query.GroupNumber,
        _ when groups == 1 => 0,
        { ReadLockHistory: { Name.Length: > 0 } query } => LockGroups.OfLock(query.Name, groups),
        { ReadLockHistory: { } query } => LockGroups.OfSession(query.SessionId, groups) ?? 0,
        { DescribeLock: { } describe } => LockGroups.OfLock(describe.Name ?? "", groups),
        { ObserveLeader: { } observe } => LockGroups.OfElection(observe.Election ?? "", groups),
        _ => LockCommands.ToEntry(command) is { } entry ? LockPlacement.GroupOf(entry, groups) : 0,
    };

    ReplyAddress? IBatchTaker<LockCommandBatch, LockCommand>.ReplyToOf(LockCommandBatch batch) =>
        batch.ReplyTo;

    IReadOnlyList<LockCommand?> IBatchTaker<LockCommandBatch, LockCommand>.CommandsOf(
        LockCommandBatch batch) => batch.Commands;

    bool IBatchTaker<LockCommandBatch, LockCommand>.IsOfOneKind(LockCommand? command) =>
        LockCommands.IsOfOneKind(command);

    void IBatchTaker<LockCommandBatch, LockCommand>.Take(
        LockCommand command, ReplyAddress? sender, Action settled) =>
        Take(LockCommands.From(command, sender), settled);

    string? IBatchTaker<LockCommandBatch, LockCommand>.TraceParentOf(LockCommand command) =>
        command.TraceParent;

    string IBatchTaker<LockCommandBatch, LockCommand>.IdOf(LockCommand command) =>
        LockCommands.IdOf(command);

    void IBatchTaker<LockCommandBatch, LockCommand>.Refuse(
        string commandId, ReplyAddress? sender, string why) =>
        replies.Send(sender, LockCommands.Refused(commandId, LockRefusal.BatchInvalid, why));

    private void Refuse(string commandId, ReplyAddress? to, string why)
    {
        var refused = LockCommands.Refused(commandId, LockRefusal.WrongGroup, why).LockRefused!;
        replies.Send(to, new LockReply { LockRefused = refused with { Groups = _groups.Count } });
    }
}
