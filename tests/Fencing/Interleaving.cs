using Muster.Contracts;
using Shouldly;

namespace Muster.Fencing.Tests;

/// <summary>
/// Holders that do not know of each other show their tokens at once, each its own rising ones, some far
/// behind.
/// </summary>
internal static class Interleaving
{
    private const int Holders = 4;
    private const int Steps = 60;

    /// <summary>
    /// Once a token is accepted, no lower one is, of those shown from then on; and the last word is the
    /// highest's.
    /// </summary>
    /// <param name="open">A connection of each holder's own: it shows a token, and says whether it was
    /// taken.</param>
    public static async Task CheckAsync(Func<Task<Func<FencingToken, Task<bool>>>> open)
    {
        var highest = 0L;
        var shows = await Task.WhenAll(Enumerable.Range(0, Holders).Select(_ => open()));
        await Task.WhenAll(shows.Select((show, holder) => Task.Run(() => HoldAsync(show, holder))));

        highest.ShouldBe(Of(holder: 0, Steps - 1).Value);
        (await shows[0](new FencingToken(highest))).ShouldBeTrue();
        (await shows[1](new FencingToken(highest - 1))).ShouldBeFalse();

        async Task HoldAsync(Func<FencingToken, Task<bool>> show, int holder)
        {
            for (var step = 0; step < Steps; step++)
            {
                var token = Of(holder, step);
                var before = Interlocked.Read(ref highest);
                if (await show(token))
                {
                    token.Value.ShouldBeGreaterThanOrEqualTo(before);
                    Raise(token.Value);
                }
            }
        }

        void Raise(long token)
        {
            for (var seen = Interlocked.Read(ref highest); seen < token;)
            {
                var found = Interlocked.CompareExchange(ref highest, token, seen);
                if (found == seen)
                {
                    return;
                }
                seen = found;
            }
        }
    }

    private static FencingToken Of(int holder, int step) => new(1_000 + (10 * step) - (25 * holder));
}
