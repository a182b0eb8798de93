using Shouldly;

namespace Muster.Unit.Tests.Replication;

/// <summary>Whether a machine's digest sees each of some changes of its state.</summary>
internal static class DigestChanges
{
    /// <summary>
    /// After all changes before it, each makes another digest than an entry with nothing in it does: the
    /// index alone makes no difference.
    /// </summary>
    public static void ShouldCount<TBench>(
        Func<TBench> newBench, IReadOnlyList<Action<TBench>> changes, Action<TBench> nothing,
        Func<TBench, (long Index, ulong Digest)> read)
    {
        for (var last = 0; last < changes.Count; last++)
        {
            var (changed, other) = (After(last), After(last));
            changes[last](changed);
            nothing(other);
            read(changed).Index.ShouldBe(read(other).Index);
            read(changed).Digest.ShouldNotBe(read(other).Digest, $"change {last}");
        }

        TBench After(int count)
        {
            var bench = newBench();
            foreach (var change in changes.Take(count))
            {
                change(bench);
            }
            return bench;
        }
    }
}
