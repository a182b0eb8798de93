using Muster.Contracts;
using Muster.Contracts.Detector;
using Muster.Contracts.Registry;
using Muster.Registry.Machine;
using Muster.Replication;
using Muster.Serving;

namespace Muster.Registry.Consumers;

/// <summary>
/// Where every registry command enters, whatever lane it came by: queries are read, commands are proposed.
/// </summary>
public sealed class RegistryIntake(
    ReplicaRuntime<RegistryEntryCommand, RegistryEffect> runtime, PendingAnswers pending,
    ReplyBatches<RegistryReply> replies, ReplicaCurrency currency)
    : IBatchTaker<RegistryCommandBatch, RegistryCommand>
{
    private readonly CommandIntake<RegistryEntryCommand, RegistryEffect, RegistryReply> _intake =
        new(runtime, pending, replies, RegistryCommands.Overloaded);

    /// <summary>
    /// Takes one command; <paramref name="settled"/> is called once, after its first answer is sent.
    /// </summary>
    public void Take(RegistryCommand command, Action settled)
    {
        if (RegistryCommands.ToEntry(command) is not { } entry)
        {
            Read(command, settled);
            return;
        }
        var (commandId, to) = (RegistryCommands.IdOf(entry), RegistryCommands.ReplyToOf(entry));
        if (commandId.Length == 0)
        {
            // The answer finds its message by the command's id, so this one cannot even be proposed.
            replies.Send(to, RegistryCommands.Refused(
                commandId, RegistryRefusal.CommandIdInvalid,
                "The command has no id, and neither has its message."));
            settled();
            return;
        }
        _intake.Propose(entry, commandId, to, settled);
    }

    /// <summary>
    /// Takes a heartbeat: a renewal that nobody waits for, so an overloaded replica drops it. One that names
    /// no leases is for other services, and costs no entry; nor do its sessions cost room in the log, or its
    /// connection, which is the detectors'. One that names more than the machine renews at a time becomes
    /// several, each with its answer.
    /// </summary>
    /// <returns>Whether it is proposed, all of it.</returns>
    public bool Take(Heartbeat heartbeat) =>
        heartbeat.Leases.Count > 0
        && heartbeat.Leases.Distinct(StringComparer.Ordinal)
            .Chunk(RegistryLimits.Default.MaxLeasesPerHeartbeat).All(leases =>
            runtime.TrySubmit(new RegistryEntryCommand
            {
                Heartbeat = heartbeat with { Leases = leases, Sessions = [], Connection = "" },
            }));

    ReplyAddress? IBatchTaker<RegistryCommandBatch, RegistryCommand>.ReplyToOf(RegistryCommandBatch batch) =>
        batch.ReplyTo;

    IReadOnlyList<RegistryCommand?> IBatchTaker<RegistryCommandBatch, RegistryCommand>.CommandsOf(
        RegistryCommandBatch batch) => batch.Commands;

    bool IBatchTaker<RegistryCommandBatch, RegistryCommand>.IsOfOneKind(RegistryCommand? command) =>
        RegistryCommands.IsOfOneKind(command);

    void IBatchTaker<RegistryCommandBatch, RegistryCommand>.Take(
        RegistryCommand command, ReplyAddress? sender, Action settled) =>
        Take(RegistryCommands.From(command, sender), settled);

    string? IBatchTaker<RegistryCommandBatch, RegistryCommand>.TraceParentOf(RegistryCommand command) =>
        command.TraceParent;

    string IBatchTaker<RegistryCommandBatch, RegistryCommand>.IdOf(RegistryCommand command) =>
        RegistryCommands.IdOf(command);

    void IBatchTaker<RegistryCommandBatch, RegistryCommand>.Refuse(
        string commandId, ReplyAddress? sender, string why) =>
        replies.Send(sender, RegistryCommands.Refused(commandId, RegistryRefusal.BatchInvalid, why));

    private void Read(RegistryCommand command, Action settled)
    {
        switch (command)
        {
            case { ResolveService: { } query }:
                Read(query.Mode, query.CommandId, query.ReplyTo, settled,
                    (machine, age) => machine.Resolve(query, age));
                break;
            case { GetConfig: { } query }:
                Read(query.Mode, query.CommandId, query.ReplyTo, settled,
                    (machine, age) => machine.Get(query, age));
                break;
            case { ListConfig: { } query }:
                Read(query.Mode, query.CommandId, query.ReplyTo, settled,
                    (machine, age) => machine.List(query, age));
                break;
            case { ListServices: { } query }:
                ReadCurrent(query.CommandId, query.ReplyTo, machine => machine.List(query), settled);
                break;
            case { ReadRegistryEvents: { } query }:
                ReadCurrent(query.CommandId, query.ReplyTo, machine => machine.ReadEvents(query), settled);
                break;
            default:
                settled();
                break;
        }
    }

    /// <summary>
    /// A cached answer without an age would say nothing: until there is one, a read is current.
    /// </summary>
    private void Read(
        ReadMode mode, string commandId, ReplyAddress? to, Action settled,
        Func<RegistryMachine, long?, RegistryReply> query)
    {
        if (mode == ReadMode.Cached && currency.Age is not null)
        {
            _ = ReadCachedAsync(commandId, to, query, settled);
        }
        else
        {
            ReadCurrent(commandId, to, machine => query(machine, null), settled);
        }
    }

    private void ReadCurrent(
        string commandId, ReplyAddress? to, Func<RegistryMachine, RegistryReply> query, Action settled) =>
        _intake.Read(
            query,
            answer => replies.Send(
                to, answer.IsKnown ? answer.Result! : RegistryCommands.Unknown(commandId)),
            settled);

    private async Task ReadCachedAsync(
        string commandId, ReplyAddress? to, Func<RegistryMachine, long?, RegistryReply> query,
        Action settled)
    {
        try
        {
            // The age as of the query's turn on the loop. Forgotten meanwhile: nobody can tell it.
            var reply = await runtime.InspectAsync(
                (RegistryMachine machine) => currency.Age is { } age
                    ? query(machine, (long)Math.Ceiling(age.TotalMilliseconds))
                    : RegistryCommands.Unknown(commandId),
                CancellationToken.None);
            replies.Send(to, reply);
        }
        catch (InvalidOperationException)
        {
            replies.Send(to, RegistryCommands.Unknown(commandId)); // the replica has stopped
        }
        finally
        {
            settled();
        }
    }
}
