using Muster.Contracts.Consensus;

namespace Muster.Replication.Core;

/// <summary>
/// Commands that left together in one entry; the payload, with number and issue time, is the same at each
/// send.
/// </summary>
internal sealed class Proposal<TCommand>(
    long number, byte[] payload, IReadOnlyList<Waiting<TCommand>> commands)
{
    private int _reported;

    public long Number { get; } = number;

    public string RequestId { get; } = $"p{number}";

    public byte[] Payload { get; } = payload;

    /// <summary>The spans of its commands, each once; null: none is traced.</summary>
    public IReadOnlyList<string>? TraceParents { get; } = TraceParentsOf(commands);

    /// <summary>Null: to be sent as soon as the leader is known and no back-off holds.</summary>
    public long? SentAt { get; set; }

    public bool IsGivenUp => _reported == commands.Count;

    /// <summary>
    /// When the next command is given up; the commands are in the order of their submission.
    /// </summary>
    public long NextExpiry(long timeout) => commands[_reported].SubmittedAt + timeout;

    /// <summary>Adds the commands submitted at or before this time to the unknown ones, each once.</summary>
    public void GiveUp(long submittedUpTo, List<TCommand> unknown)
    {
        while (_reported < commands.Count && commands[_reported].SubmittedAt <= submittedUpTo)
        {
            unknown.Add(commands[_reported++].Command);
        }
    }

    private static List<string>? TraceParentsOf(IReadOnlyList<Waiting<TCommand>> commands)
    {
        List<string>? spans = null;
        for (var i = 0; i < commands.Count && spans is not { Count: ProposeEntries.MaxTraceParents }; i++)
        {
            if (commands[i].TraceParent is { } span && spans?.Contains(span) != true)
            {
                (spans ??= []).Add(span);
            }
        }
        return spans;
    }
}

/// <param name="TraceParent">The span that it is a part of; null: not traced.</param>
internal readonly record struct Waiting<TCommand>(
    TCommand Command, long SubmittedAt, string? TraceParent = null);
