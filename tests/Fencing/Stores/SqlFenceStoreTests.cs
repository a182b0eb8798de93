using Muster.Fencing.Tests.Sql;

namespace Muster.Fencing.Tests.Stores;

public sealed class SqlFenceStoreTests : FenceStoreTests, IDisposable
{
    private readonly SqliteFile _file = new();

    public void Dispose() => _file.Dispose();

    protected override async Task<IFenceStore> OpenAsync()
    {
        var fence = new SqlFence();
        await _file.RunAsync(fence.CreateTableStatement);
        return new SqlFenceStore(_file.Source, fence);
    }
}
