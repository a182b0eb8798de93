using Muster.Contracts;
using Muster.Contracts.Lock;
using Muster.Replication.Core;

namespace Muster.Lock.Machine;

/// <summary>How an answer stands in a snapshot; the numbers are the form.</summary>
internal enum ReplyKind : byte
{
    Json = 0,
    SessionOpened = 1,
    SessionClosed = 2,
    LockGranted = 3,
    LockReleased = 4,
    LockRefused = 5,
}

/// <summary>
/// The answer that most commands of its kind get. It says again what the command was about; these numbers
/// (epoch and index first) and texts are all that it adds.
/// </summary>
internal readonly record struct PlainReply(ReplyKind Kind, long[] Numbers, string[] Texts)
{
    /// <summary>
    /// Null for an answer that says anything else. Compared whole, so that a field that is new in the
    /// contract is never left out; and none of these has a list, which would be compared by its place in
    /// memory.
    /// </summary>
    public static PlainReply? Of(Genesis? genesis, StoredAnswer stored) =>
        genesis is not null && PartsOf(stored.Reply) is { } plain
            && plain.ReplyTo(genesis, stored.CommandId, stored.Subject) == stored.Reply ? plain : null;

    /// <summary>How many numbers and texts it has.</summary>
    /// <exception cref="FormatException">There is no such kind.</exception>
    public static (int Numbers, int Texts) SizeOf(ReplyKind kind) => kind switch
    {
        ReplyKind.SessionOpened => (7, 0),
        ReplyKind.SessionClosed => (2, 0),
        ReplyKind.LockGranted => (8, 2),
        ReplyKind.LockReleased => (5, 2),
        ReplyKind.LockRefused => (3, 1),
        _ => throw new FormatException($"An answer is of the kind {kind}, which this build does not know."),
    };

    public LockReply ReplyTo(Genesis genesis, string id, CommandSubject subject) => Kind switch
    {
        ReplyKind.SessionOpened => new() { SessionOpened = Opened(genesis, id, subject) },
        ReplyKind.SessionClosed => new()
        {
            SessionClosed = new()
            {
                CommandId = id,
                SessionId = subject.Owner,
                Freshness = FreshnessOf(genesis),
            },
        },
        ReplyKind.LockGranted => new PlainGrant(
            Numbers[5], Numbers[0], new(Numbers[1]), Small(Numbers[6]), Numbers[7]).ReplyTo(
                genesis, (subject.Owner, Texts[0]), id,
                new() { Names = [Texts[1]], Mode = (LockMode)Small(Numbers[2]), Permits = Small(Numbers[3]) },
                new(Numbers[4])),
        ReplyKind.LockReleased => new() { LockReleased = Released(genesis, id, subject) },
        _ => new()
        {
            LockRefused = new()
            {
                CommandId = id,
                Reason = (LockRefusal)Small(Numbers[2]),
                Message = Texts[0],
                Freshness = FreshnessOf(genesis),
            },
        },
    };

    private static PlainReply? PartsOf(LockReply reply) => reply switch
    {
        { SessionOpened: { Takeover: { } time, Freshness: { } at } opened } => new(
            ReplyKind.SessionOpened,
            [
                at.Epoch, at.Index.Value, opened.TtlMilliseconds, time.LockDelayMilliseconds,
                time.TickMilliseconds, time.ElectionMilliseconds, time.CommitMilliseconds,
            ],
            []),
        { SessionClosed.Freshness: { } at } =>
            new(ReplyKind.SessionClosed, [at.Epoch, at.Index.Value], []),
        { LockGranted: { Event: { } told, Owner: { } owner, Name: { } name } granted } => new(
            ReplyKind.LockGranted,
            [
                told.Epoch, told.Index.Value, (long)granted.Mode, granted.Permits,
                granted.FencingToken.Value, granted.TakeoverMilliseconds, told.Ordinal, told.Number,
            ],
            [owner, name]),
        { LockReleased: { Event: { } told, AcquireId: { } id, Name: { } name } released } => new(
            ReplyKind.LockReleased,
            [told.Epoch, told.Index.Value, released.FencingToken.Value, told.Ordinal, told.Number],
            [id, name]),
        { LockRefused: { Freshness: { } at, Message: { } message } refused } => new(
            ReplyKind.LockRefused, [at.Epoch, at.Index.Value, (long)refused.Reason], [message]),
        _ => null,
    };

    private SessionOpened Opened(Genesis genesis, string id, CommandSubject subject) => new()
    {
        CommandId = id,
        SessionId = subject.Owner,
        TtlMilliseconds = Numbers[2],
        Takeover = new()
        {
            TtlMilliseconds = Numbers[2],
            LockDelayMilliseconds = Numbers[3],
            TickMilliseconds = Numbers[4],
            ElectionMilliseconds = Numbers[5],
            CommitMilliseconds = Numbers[6],
            TotalMilliseconds = Numbers[2] + Numbers[3] + Numbers[4] + Numbers[5] + Numbers[6],
        },
        Groups = genesis.Groups,
        Freshness = FreshnessOf(genesis),
    };

    private LockReleased Released(Genesis genesis, string id, CommandSubject subject) => new()
    {
        CommandId = id,
        SessionId = subject.Owner,
        AcquireId = Texts[0],
        Name = Texts[1],
        FencingToken = new(Numbers[2]),
        Event = new()
        {
            Group = genesis.Group,
            Epoch = Numbers[0],
            Index = new(Numbers[1]),
            Ordinal = Small(Numbers[3]),
            Number = Numbers[4],
        },
        Freshness = FreshnessOf(genesis),
    };

    private Freshness FreshnessOf(Genesis genesis) =>
        new() { ClusterId = genesis.ClusterId, Epoch = Numbers[0], Index = new(Numbers[1]) };

    private static int Small(long number) => number is >= int.MinValue and <= int.MaxValue
        ? (int)number
        : throw new FormatException($"The number {number} of an answer is too great.");
}
