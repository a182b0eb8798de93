namespace Muster.Client.Tests;

/// <summary>
/// Real threads and real time: the answers come in the sender's thread, so every interleaving of the gate is
/// hit.
/// </summary>
public class ConcurrencyTests
{
    [Fact]
    public async Task Many_workers_on_few_names_never_overlap_and_tokens_grow()
    {
        const int Workers = 32, Rounds = 100, Names = 4;
        var links = new FakeLinks();
        _ = new LockServiceDouble(links);
        await using var client = new MusterClient(new MusterOptions(), links);
        var holders = new int[Names];
        var tokens = new long[Names];
        var violations = 0;

        async Task WorkAsync(int worker)
        {
            for (var round = 0; round < Rounds; round++)
            {
                var name = (worker + round) % Names;
                await using var handle = await client.Locks.AcquireAsync($"n{name}");
                var inside = Interlocked.Increment(ref holders[name]);
                if (inside != 1 || tokens[name] >= handle.FencingToken.Value)
                {
                    Interlocked.Increment(ref violations);
                }
                tokens[name] = handle.FencingToken.Value;
                await Task.Yield();
                Interlocked.Decrement(ref holders[name]);
            }
        }

        await Task.WhenAll(Enumerable.Range(0, Workers).Select(worker => Task.Run(() => WorkAsync(worker))))
            .WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

        violations.ShouldBe(0);
        tokens.Max().ShouldBe(Workers * Rounds);
    }
}
