namespace Muster.Client.Tests.Doubles;

/// <summary>Reads a stream step by step, within a test's patience.</summary>
internal sealed class Reader<T>(IAsyncEnumerable<T> stream, CancellationToken cancellation = default)
    : IAsyncDisposable
{
    private readonly IAsyncEnumerator<T> _enumerator = stream.GetAsyncEnumerator(cancellation);
    private Task<bool>? _moving;

    public async Task<T> NextAsync()
    {
        _moving ??= _enumerator.MoveNextAsync().AsTask();
        (await _moving.Soon()).ShouldBeTrue();
        _moving = null;
        return _enumerator.Current;
    }

    public async Task<IReadOnlyList<T>> NextAsync(int count)
    {
        var found = new List<T>();
        while (found.Count < count)
        {
            found.Add(await NextAsync());
        }
        return found;
    }

    /// <summary>There is no news: everything that was put in the box has been read.</summary>
    public void ShouldBeQuiet()
    {
        _moving ??= _enumerator.MoveNextAsync().AsTask();
        _moving.IsCompleted.ShouldBeFalse();
    }

    public async ValueTask DisposeAsync()
    {
        if (_moving is not { IsCompleted: false })
        {
            await _enumerator.DisposeAsync();
        }
    }
}
