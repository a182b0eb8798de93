using Muster.Client;
using Muster.Contracts;

namespace Muster.Load.Resolving;

/// <summary>One way that a resolve can take, and how a call is made to take it.</summary>
/// <param name="Name">For the row.</param>
/// <param name="Source">Where the answer must come from: any other is not counted as done.</param>
/// <param name="Options">Of the call.</param>
internal sealed record ResolvePath(string Name, ResolveSource Source, ResolveOptions Options)
{
    /// <summary>A view in Redis is confirmed every few seconds, and kept for this long.</summary>
    private static readonly TimeSpan AnyKept = TimeSpan.FromMinutes(1);

    public static readonly ResolvePath Local = new(
        "hit of the local copy, mean of 1,000", ResolveSource.Local, new ResolveOptions { MaxAge = AnyKept });

    public static readonly ResolvePath Redis = new(
        "Redis, after an announced change", ResolveSource.Redis, new ResolveOptions { MaxAge = AnyKept });

    public static readonly ResolvePath BusCached = new(
        "bus, cached", ResolveSource.Bus, new ResolveOptions { MaxAge = TimeSpan.Zero });

    public static readonly ResolvePath BusLinearizable = new(
        "bus, linearizable", ResolveSource.Bus, new ResolveOptions { Mode = ReadMode.Linearizable });
}
