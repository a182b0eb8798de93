namespace Muster.Simulator;

/// <summary>Every mutation by its name; a run takes a new one, because some have a memory.</summary>
internal static class MutationList
{
    public static SortedDictionary<string, Func<Mutation>> All { get; } = new(StringComparer.Ordinal);
}
