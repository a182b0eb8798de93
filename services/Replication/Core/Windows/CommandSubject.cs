namespace Muster.Replication.Core;

/// <summary>
/// What a command is about, beside its id. Ids come from senders: one that comes again with another subject
/// is another command, and must not be told what the first one was.
/// </summary>
/// <param name="Kind">The contract's name.</param>
/// <param name="Owner">The session, service or group it is of; empty for none.</param>
/// <param name="Target">The lock, acquire, instance, key or member it is aimed at; empty for none.</param>
public sealed record CommandSubject(string Kind, string Owner, string Target)
{
    /// <summary>
    /// For the sender of another command under the id; says nothing of the first one's owner.
    /// </summary>
    public string IsTaken(string commandId) =>
        $"The id {commandId} is that of another command, a {Kind}; this one did nothing and needs its own.";
}
