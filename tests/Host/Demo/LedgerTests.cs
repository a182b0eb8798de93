using Muster.Broker;
using Muster.Contracts;
using Muster.Host.Demo;
using Shouldly;
using Xunit;

namespace Muster.Host.Tests.Demo;

public sealed class LedgerTests
{
    private const int Items = 300;

    /// <summary>
    /// As a worker does that leads: it works on one thread and looks what is done on another. A read in the
    /// midst of the other's transaction ended the leading, and the team waited for work for ever.
    /// </summary>
    [Fact]
    public async Task Whoever_looks_at_it_while_another_thread_writes_sees_what_is_done()
    {
        using var ledger = new Ledger(Path.Combine(Scratch.NewFolder("ledger"), "ledger.db"));
        var writing = Task.Run(
            () =>
            {
                for (var number = 1; number <= Items; number++)
                {
                    ledger.Enter($"{number}", new FencingToken(number)).ShouldBeFalse();
                    ledger.TryWrite($"{number}", 7, new FencingToken(number), "worker").ShouldBeTrue();
                }
            },
            TestContext.Current.CancellationToken);
        var looks = 0;
        while (!writing.IsCompleted)
        {
            var done = ledger.DoneCount();
            done.ShouldBeInRange(0, Items);
            if (done > 0) ledger.IsDone($"{done}").ShouldBeTrue();
            looks++;
        }
        await writing;
        looks.ShouldBeGreaterThan(1);
        ledger.DoneCount().ShouldBe(Items);
    }
}
