using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace Muster.Views.Tests;

public sealed class MemoryServiceViewsTests : ServiceViewsTests
{
    [Fact]
    public async Task Views_that_expired_are_forgotten_also_when_nobody_reads_them()
    {
        var time = new FakeTimeProvider();
        var views = new MemoryServiceViews(time);
        var (ttl, stop) = (TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        for (var number = 0; number < MemoryServiceViews.MaxViews; number++)
        {
            var view = Sample.View(1, 1, $"s{number}");
            (await views.WriteAsync(view, ttl, TimeSpan.Zero, stop)).ShouldBeTrue();
        }
        (await views.WriteAsync(Sample.View(1, 1, "full"), ttl, TimeSpan.Zero, stop)).ShouldBeFalse();
        (await views.WriteAsync(Sample.View(1, 2, "s7"), ttl, TimeSpan.Zero, stop)).ShouldBeTrue();
        time.Advance(ttl);
        (await views.ReadAsync("s7", stop)).ShouldBeNull();
        (await views.WriteAsync(Sample.View(1, 1, "full"), ttl, TimeSpan.Zero, stop)).ShouldBeTrue();
    }

    protected override Task<IReadOnlyList<IServiceViews>> OpenAsync(int count)
    {
        var one = new MemoryServiceViews();
        return Task.FromResult<IReadOnlyList<IServiceViews>>([.. Enumerable.Repeat(one, count)]);
    }
}
