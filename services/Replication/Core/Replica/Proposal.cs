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
}

internal readonly record struct Waiting<TCommand>(TCommand Command, long SubmittedAt);
