using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Replication.Core;

/// <summary>
/// Gets changes of the record into the log: one of each kind in flight, and again while it is wanted and its
/// entry has not come. Nobody waits for an answer: what was done is no longer wanted.
/// </summary>
internal sealed class RecordProposals(ReplicaOptions options)
{
    private readonly List<Sent> _inFlight = [];

    public void Settle(long number)
    {
        _inFlight.RemoveAll(sent => sent.Number == number);
    }

    /// <summary>A new leader or connection: what is in flight may be lost.</summary>
    public void Forget() => _inFlight.Clear();

    public void Send(
        long now, NodeId leader, EntryEnvelope template, IReadOnlyList<RecordCommand> wanted,
        Func<long> takeNumber, List<ReplicaSend> sends)
    {
        foreach (var command in leader.IsNone ? [] : wanted)
        {
            if (SentAt(command) is { } sentAt && now - sentAt < options.ResendMilliseconds)
            {
                continue;
            }
            var number = takeNumber();
            _inFlight.RemoveAll(sent => sent.Kind == command.GetType());
            _inFlight.Add(new(command.GetType(), number, now));
            var envelope = template with { IsRecord = true, Number = number, Body = command.Write() };
            var requestId = $"g{number}";
            var message = new ProposeEntries
            {
                Group = options.Group,
                ProposalId = requestId,
                Payloads = [envelope.Write()],
            };
            sends.Add(new(leader, message, requestId));
        }
    }

    /// <summary>After <see cref="Send"/>: when what is still wanted is sent again.</summary>
    public long NextDeadline(NodeId leader, IReadOnlyList<RecordCommand> wanted) =>
        leader.IsNone || wanted.Count == 0
            ? long.MaxValue
            : wanted.Min(command => SentAt(command)!.Value + options.ResendMilliseconds);

    private long? SentAt(RecordCommand command) =>
        _inFlight.Find(sent => sent.Kind == command.GetType())?.At;

    private sealed record Sent(Type Kind, long Number, long At);
}
