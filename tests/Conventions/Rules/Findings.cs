using Xunit;

namespace Muster.Conventions.Tests;

/// <summary>Fails with one finding a line, so that an editor can jump to each.</summary>
internal static class Findings
{
    private const int MostShown = 200;

    public static void ShouldFindNothing(this IEnumerable<string> findings)
    {
        var all = findings.ToList();
        if (all.Count > 0)
        {
            Assert.Fail($"{all.Count} findings:\n{string.Join('\n', all.Take(MostShown))}");
        }
    }
}
