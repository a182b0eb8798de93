using Muster.Client;

namespace Muster.Simulator;

/// <summary>
/// How the callers of a run hold locks: of a thousand acquires so many of each kind, the rest exclusively.
/// Each seed leaves some kinds out, and every fourth has writers alone.
/// </summary>
internal sealed record LockMix
{
    public int Shared { get; init; }

    /// <summary>Half of these are upgraded.</summary>
    public int Upgradeable { get; init; }

    public int Permits { get; init; }

    /// <summary>Two or three names at once, a third of them shared.</summary>
    public int Several { get; init; }

    /// <summary>The size of every semaphore.</summary>
    public int MaxPermits { get; init; } = 1;

    public static LockMix Draw(Chance chance) => chance.OfThousand(250) ? new() : new()
    {
        Shared = Sometimes(chance, 400),
        Upgradeable = Sometimes(chance, 250),
        Permits = Sometimes(chance, 400),
        Several = Sometimes(chance, 250),
        MaxPermits = (int)chance.Between(1, 5),
    };

    public LockRequest Next(Chance chance, int names)
    {
        var kind = chance.Below(1000);
        if ((kind -= Permits) < 0)
        {
            return LockRequest.Semaphore(
                NameOf("permits", chance.Below(2)), MaxPermits, (int)chance.Between(1, MaxPermits));
        }
        if ((kind -= Several) < 0)
        {
            var first = chance.Below(names);
            var count = Math.Min(names, chance.Between(2, 3));
            string[] drawn = [.. Enumerable.Range(0, (int)count)
                .Select(next => NameOf("lock", (first + next) % names))];
            return chance.OfThousand(333) ? LockRequest.AllShared(drawn) : LockRequest.All(drawn);
        }
        var name = NameOf("lock", chance.Below(names));
        return (kind -= Shared) < 0 ? LockRequest.Shared(name)
            : kind < Upgradeable ? LockRequest.Upgradeable(name)
            : LockRequest.Exclusive(name);
    }

    private static string NameOf(string kind, long number) => $"{kind}-{number}";

    private static int Sometimes(Chance chance, long most) =>
        chance.OfThousand(600) ? (int)chance.Between(most / 4, most) : 0;
}
