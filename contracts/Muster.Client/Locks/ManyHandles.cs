using Muster.Contracts;
using Muster.Contracts.Lock;

namespace Muster.Client;

/// <summary>Holds of several lock groups as one: lost when one is lost, given back together.</summary>
internal sealed class ManyHandles : ILockHandle
{
    private readonly LockHandle[] _parts;
    private readonly CancellationTokenSource _lost;

    public ManyHandles(LockHandle[] parts)
    {
        _parts = parts;
        Names = [.. parts.SelectMany(part => part.Names).Order(StringComparer.Ordinal)];
        _lost = CancellationTokenSource.CreateLinkedTokenSource([.. parts.Select(part => part.Lost)]);
    }

    public string Name => Names[0];

    public IReadOnlyList<string> Names { get; }

    public LockMode Mode => _parts[0].Mode;

    public int Permits => 0;

    public FencingToken FencingToken => throw new InvalidOperationException(
        $"{string.Join(", ", Names)} are in several lock groups, each with tokens of its own: "
            + $"see {nameof(FencingTokenOf)}.");

    public string AcquireId => _parts[0].AcquireId;

    public TakeoverTime Takeover =>
        _parts.Select(part => part.Takeover).MaxBy(part => part.TotalMilliseconds)!;

    /// <summary>Each part looks at the clock; the linked source hears of it a little later.</summary>
    public CancellationToken Lost => Array.Find(_parts, part => part.IsLost)?.Lost ?? _lost.Token;

    public bool IsLost => Array.Exists(_parts, part => part.IsLost);

    public FencingToken FencingTokenOf(string name) =>
        (Array.Find(_parts, part => part.Names.Contains(name)) ?? throw LockHandle.NotOfMine(name))
        .FencingTokenOf(name);

    public ValueTask UpgradeAsync(TimeSpan? timeout, CancellationToken cancellationToken) =>
        _parts[0].UpgradeAsync(timeout, cancellationToken);

    public ValueTask<bool> TryUpgradeAsync(TimeSpan wait, CancellationToken cancellationToken) =>
        _parts[0].TryUpgradeAsync(wait, cancellationToken);

    public ValueTask DisposeAsync() =>
        new(Task.WhenAll(_parts.Select(part => part.DisposeAsync().AsTask())));
}
