using Muster.Contracts;
using Muster.Contracts.Lock;
using Muster.Replication.Core;

namespace Muster.Lock.Machine;

/// <summary>
/// An acquire that waits for its names or holds them; or an upgrade, that waits to make a hold exclusive or
/// has done so. Ownership is by acquire, never by session.
/// </summary>
internal sealed class Acquire
{
    public required Session Session { get; init; }

    /// <summary>The command id; unique within its session.</summary>
    public required string Id { get; init; }

    /// <summary>A leader's has the value that it published last; else it is as it was asked for.</summary>
    public required LockClaim Claim { get; set; }

    /// <summary>The hold that this upgrades; null for an acquire.</summary>
    public Acquire? Upgrades { get; init; }

    /// <summary>What upgrades this hold: waiting, or held.</summary>
    public Acquire? Upgrade { get; set; }

    public required long? Sequence { get; init; }

    /// <summary>Counts the machine's acquires: the order of the queues.</summary>
    public required long Ticket { get; init; }

    /// <summary>When the wait runs out. It counts no more once the lock is granted.</summary>
    public required long WaitDeadline { get; init; }

    /// <summary>Machine time of the queueing, then of the grant.</summary>
    public required long Since { get; set; }

    /// <summary>None while it waits.</summary>
    public FencingToken Token { get; set; }

    /// <summary>Of what the command says only <see cref="LockValidation.Usable"/> ones.</summary>
    public required ReplyAddress? ReplyTo { get; set; }

    public required string Origin { get; set; }

    /// <summary>What a duplicate is answered, also when the windows have forgotten the command.</summary>
    public LockReply Reply { get; set; } = new();

    /// <summary>
    /// Its places, one for each name, among those who wait there or those who hold: it leaves the middle of
    /// 20,000 in one step. None of an upgrade.
    /// </summary>
    public IReadOnlyList<LinkedListNode<Acquire>> Places { get; set; } = [];

    public bool IsHeld => Token != FencingToken.None;

    /// <summary>
    /// The token that it is held under; or, where upgrades raise it, one from before, whose holder may not
    /// have heard of the newest.
    /// </summary>
    public bool IsUnder(FencingToken token) => token == Token
        || (Claim.Mode == LockMode.Upgradeable && token < Token && token > FencingToken.None);

    /// <summary>As it is held now.</summary>
    public LockMode Mode => Upgrade is { IsHeld: true } ? LockMode.Exclusive : Claim.Mode;

    /// <summary>What its command's copies are about: candidates alone have a value.</summary>
    public CommandSubject Subject => new(KindOf(Claim, Upgrades is not null), Session.Id, Claim.Text);

    public static IComparer<Acquire> ByTicket { get; } =
        Comparer<Acquire>.Create((left, right) => left.Ticket.CompareTo(right.Ticket));

    private static string KindOf(LockClaim claim, bool isUpgrade) => isUpgrade
        ? nameof(UpgradeLock)
        : claim.Value is null ? nameof(AcquireLock) : nameof(Campaign);
}
