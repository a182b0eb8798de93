using Muster.Contracts;
using Shouldly;
using Xunit;

namespace Muster.Fencing.Tests.Stores;

public sealed class MemoryFenceStoreTests : FenceStoreTests
{
    private readonly MemoryFenceStore _store = new();

    [Fact]
    public async Task A_full_store_takes_no_new_resource_and_forgets_none()
    {
        var stop = TestContext.Current.CancellationToken;
        var store = new MemoryFenceStore(maxResources: 2);
        await store.RaiseAsync("a", new FencingToken(5), stop);
        await store.RaiseAsync("b", new FencingToken(5), stop);

        await Should.ThrowAsync<InvalidOperationException>(
            async () => await store.RaiseAsync("c", new FencingToken(5), stop));

        (await store.RaiseAsync("a", new FencingToken(4), stop)).Value.ShouldBe(5);
        (await store.RaiseAsync("b", new FencingToken(6), stop)).Value.ShouldBe(6);
    }

    protected override Task<IFenceStore> OpenAsync() => Task.FromResult<IFenceStore>(_store);
}
