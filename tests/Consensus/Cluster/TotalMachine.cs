using System.Buffers.Binary;
using System.Text.Json;
using Muster.Replication.Core;

namespace Muster.Consensus.Tests.Cluster;

/// <summary>Some bytes, and which of its replica's commands it is.</summary>
internal sealed record NumberedCommand(long Number, byte[] Bytes);

/// <summary>
/// Adds up the bytes of commands of any size; the effect of each is the new total. A proposal that waited for
/// its answer is sent again and may be in the log twice, so it knows its commands.
/// </summary>
internal sealed class TotalMachine : IStateMachine<long>
{
    private const int HeadBytes = sizeof(long) + sizeof(int);

    private readonly SortedSet<string> _done = new(StringComparer.Ordinal);
    private MachineClock _clock = new();

    public long Time => _clock.Time;

    public bool IsInitialized => true;

    public long? NextDeadline => null;

    public long Total { get; private set; }

    /// <summary>Each with its number and its length before it.</summary>
    public static byte[] Encode(IReadOnlyList<NumberedCommand> commands)
    {
        var body = new byte[commands.Sum(command => HeadBytes + command.Bytes.Length)];
        var rest = body.AsSpan();
        foreach (var command in commands)
        {
            BinaryPrimitives.WriteInt64LittleEndian(rest, command.Number);
            BinaryPrimitives.WriteInt32LittleEndian(rest[sizeof(long)..], command.Bytes.Length);
            command.Bytes.CopyTo(rest[HeadBytes..]);
            rest = rest[(HeadBytes + command.Bytes.Length)..];
        }
        return body;
    }

    public IReadOnlyList<long> Apply(AppliedEntry entry)
    {
        _clock.Advance(entry.LogTime);
        var totals = new List<long>();
        for (var rest = entry.Body.Span; !rest.IsEmpty;)
        {
            var number = BinaryPrimitives.ReadInt64LittleEndian(rest);
            var length = BinaryPrimitives.ReadInt32LittleEndian(rest[sizeof(long)..]);
            if (_done.Add($"{entry.Origin} {number}"))
            {
                foreach (var value in rest.Slice(HeadBytes, length))
                {
                    Total += value;
                }
                totals.Add(Total);
            }
            rest = rest[(HeadBytes + length)..];
        }
        return totals;
    }

    public byte[] TakeSnapshot() =>
        JsonSerializer.SerializeToUtf8Bytes(new State(_clock.Time, _clock.LastLogTime, Total, [.. _done]));

    public void Restore(ReadOnlySpan<byte> snapshot)
    {
        var state = JsonSerializer.Deserialize<State>(snapshot)!;
        _clock = new MachineClock(state.Time, state.LastLogTime);
        Total = state.Total;
        _done.Clear();
        _done.UnionWith(state.Done);
    }

    public ulong Digest() => StateDigest.Of(TakeSnapshot());

    private sealed record State(long Time, long LastLogTime, long Total, string[] Done);
}
