namespace Muster.Registry.Machine;

/// <summary>One answer's share of a list.</summary>
internal static class Page
{
    /// <summary>
    /// The first items, as many as fit; the first itself always does, or a list would never end.
    /// </summary>
    public static IReadOnlyList<T> Of<T>(
        IEnumerable<T> items, Func<T, long> sizeOf, int most, out bool isTruncated)
    {
        var page = new List<T>();
        var bytes = 0L;
        isTruncated = false;
        foreach (var item in items)
        {
            bytes += sizeOf(item);
            if (page.Count == most || (page.Count > 0 && bytes > RegistryMachine.MaxAnswerBytes))
            {
                isTruncated = true;
                break;
            }
            page.Add(item);
        }
        return page;
    }
}
