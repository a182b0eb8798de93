using Muster.Serving;

namespace Muster.Lock;

/// <summary>
/// Section <c>Lock</c> (environment <c>Lock__Replica</c> and so on): one replica of the lock service. The
/// group is <c>lock</c> by default.
/// </summary>
public sealed record LockServiceOptions : ReplicaServiceOptions
{
    public const string Section = "Lock";

    public LockServiceOptions() => Group = "lock";

    public static IEnumerable<string> Problems(LockServiceOptions options) => Problems(options, Section);
}
