using System.Globalization;
using Muster.Load.Measuring;

namespace Muster.Load.Locking;

/// <summary>What became of one cycle.</summary>
internal enum CycleEnd
{
    /// <summary>Acquired and released, both answered.</summary>
    Done,

    /// <summary>Not granted, or lost while it was held.</summary>
    Refused,

    /// <summary>The acquire or the release was not answered.</summary>
    Unknown,
}

/// <summary>
/// One acquire and its release. Times are timestamps of the machine's monotonic clock, which all its
/// processes read alike.
/// </summary>
/// <param name="Name">The lock's number.</param>
/// <param name="Asked">Before the acquire was sent.</param>
/// <param name="Acquired">After its answer, and before the release was sent.</param>
/// <param name="Ended">After the release's answer.</param>
/// <param name="Token">Of the grant; 0: none.</param>
/// <param name="End">What became of it.</param>
/// <param name="Problem">Why it was not done.</param>
internal sealed record LockCycle(
    int Name, long Asked, long Acquired, long Ended, long Token, CycleEnd End, string Problem)
{
    public const string AcquireTally = "acquire";
    public const string CycleTally = "cycle";

    private const char Separator = '\t';

    public static LockCycle WithoutGrant(int name, long asked, CycleEnd end, string problem)
    {
        var now = Clock.Now;
        return new(name, asked, now, now, 0, end, problem);
    }

    public static LockCycle Parse(string line)
    {
        var fields = line.Split(Separator, 7);
        return new(
            (int)Number(fields[0]), Number(fields[1]), Number(fields[2]), Number(fields[3]),
            Number(fields[4]), Enum.Parse<CycleEnd>(fields[5]), fields[6]);

        static long Number(string field) => long.Parse(field, CultureInfo.InvariantCulture);
    }

    /// <summary>One line of a child's file.</summary>
    public string ToLine() => string.Join(
        Separator,
        new object[] { Name, Asked, Acquired, Ended, Token, End, Problem.ReplaceLineEndings(" ") });

    public void CountIn(Tally acquire, Tally cycle, GrantBook grants)
    {
        if (Token > 0)
        {
            grants.Add(this);
            acquire.DoneAt(Asked, Acquired);
        }
        switch (End)
        {
            case CycleEnd.Done:
                cycle.DoneAt(Asked, Ended);
                break;
            case CycleEnd.Refused:
                cycle.RefusedAt(Asked, Ended, Problem);
                if (Token == 0) acquire.RefusedAt(Asked, Ended, Problem);
                break;
            default:
                cycle.UnknownAt(Asked, Ended, Problem);
                if (Token == 0) acquire.UnknownAt(Asked, Ended, Problem);
                break;
        }
    }
}

/// <summary>Where a child's cycles go.</summary>
internal interface ICycleLog
{
    void Add(LockCycle cycle);
}
