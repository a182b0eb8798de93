using Muster.Contracts.Lock;

namespace Muster.Lock.Machine;

/// <summary>
/// How much of a list goes into one answer. The broker takes 16 MiB, and what is larger is sent to nobody. A
/// character has up to six in JSON and is counted as two, so an answer has three times the count at most.
/// </summary>
internal static class AnswerSize
{
    public const int MostCharacters = 4 * 1024 * 1024;

    /// <summary>All that a grant has beside its texts.</summary>
    private const int Grant = 500;

    /// <summary>All that an event has beside its names, which alone may be many.</summary>
    private const int Event = 3_500;

    public static int Of(LockGranted granted) => Grant + 2 * (
        granted.CommandId.Length + granted.SessionId.Length + granted.Owner.Length + granted.Name.Length
        + Of(granted.Names));

    public static int Of(LockEvent one) => Event + 2 * Of(
        one.LockGranted?.Names ?? one.LockQueued?.Names ?? one.LockReleased?.Names ?? one.LockLost?.Names);

    /// <summary>As many as there is room for, one at least, and whether there are more.</summary>
    public static (IReadOnlyList<T> Page, bool HasMore) Page<T>(IEnumerable<T> all, Func<T, int> sizeOf)
    {
        var (page, characters) = (new List<T>(), 0);
        foreach (var one in all)
        {
            characters += sizeOf(one);
            if (page.Count > 0 && characters > MostCharacters)
            {
                return (page, true);
            }
            page.Add(one);
        }
        return (page, false);
    }

    private static int Of(IReadOnlyList<string>? names) => names?.Sum(name => name.Length) ?? 0;
}
