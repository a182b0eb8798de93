using System.Threading.Channels;
using Muster.Contracts;

namespace Muster.Replication.Tests;

/// <summary>What a replica told, to be awaited.</summary>
internal sealed class RecordingSink : IEffectSink<long, long>
{
    private readonly Channel<(bool Own, long Sum)> _effects = Channel.CreateUnbounded<(bool, long)>();
    private readonly Channel<long> _unknown = Channel.CreateUnbounded<long>();
    private readonly Channel<string> _replacements = Channel.CreateUnbounded<string>();
    private readonly Channel<(LogIndex, LogIndex)> _withdrawals =
        Channel.CreateUnbounded<(LogIndex, LogIndex)>();
    private bool _isFollowing;

    /// <summary>Throws at this sum.</summary>
    public long? Trap { get; init; }

    /// <summary>On the loop.</summary>
    public int MachinesReplaced { get; private set; }

    public void Applied(LogIndex index, bool own, IReadOnlyList<long> effects)
    {
        foreach (var sum in effects)
        {
            if (sum == Trap)
            {
                throw new InvalidOperationException("trapped");
            }
            _effects.Writer.TryWrite((own, sum));
        }
    }

    public void Unknown(long command) => _unknown.Writer.TryWrite(command);

    public void Withdrawn(LogIndex from, LogIndex to) => _withdrawals.Writer.TryWrite((from, to));

    public ValueTask<(LogIndex From, LogIndex To)> NextWithdrawalAsync(CancellationToken cancellationToken) =>
        _withdrawals.Reader.ReadAsync(cancellationToken);

    public void LogFollowed(string logId)
    {
        if (_isFollowing)
        {
            _replacements.Writer.TryWrite(logId);
        }
        _isFollowing = true;
    }

    public void MachineReplaced() => MachinesReplaced++;

    public ValueTask<string> NextReplacementAsync(CancellationToken cancellationToken) =>
        _replacements.Reader.ReadAsync(cancellationToken);

    public ValueTask<(bool Own, long Sum)> NextEffectAsync(CancellationToken cancellationToken) =>
        _effects.Reader.ReadAsync(cancellationToken);

    public ValueTask<long> NextUnknownAsync(CancellationToken cancellationToken) =>
        _unknown.Reader.ReadAsync(cancellationToken);
}
