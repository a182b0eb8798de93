using System.Buffers.Binary;
using Muster.Replication.Core;

namespace Muster.Consensus.Tests.Cluster;

/// <summary>Adds up the bytes of commands of any size; the effect of each is the new total.</summary>
internal sealed class TotalMachine : IStateMachine<long>
{
    private MachineClock _clock = new();

    public long Time => _clock.Time;

    public bool IsInitialized => true;

    public long? NextDeadline => null;

    public long Total { get; private set; }

    /// <summary>Each with its length before it.</summary>
    public static byte[] Encode(IReadOnlyList<byte[]> commands)
    {
        var body = new byte[commands.Sum(command => sizeof(int) + command.Length)];
        var rest = body.AsSpan();
        foreach (var command in commands)
        {
            BinaryPrimitives.WriteInt32LittleEndian(rest, command.Length);
            command.CopyTo(rest[sizeof(int)..]);
            rest = rest[(sizeof(int) + command.Length)..];
        }
        return body;
    }

    public IReadOnlyList<long> Apply(AppliedEntry entry)
    {
        _clock.Advance(entry.LogTime);
        var totals = new List<long>();
        for (var rest = entry.Body.Span; !rest.IsEmpty;)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(rest);
            foreach (var value in rest.Slice(sizeof(int), length))
            {
                Total += value;
            }
            totals.Add(Total);
            rest = rest[(sizeof(int) + length)..];
        }
        return totals;
    }

    public byte[] TakeSnapshot()
    {
        var snapshot = new byte[3 * sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(snapshot, _clock.Time);
        BinaryPrimitives.WriteInt64LittleEndian(snapshot.AsSpan(8), _clock.LastLogTime);
        BinaryPrimitives.WriteInt64LittleEndian(snapshot.AsSpan(16), Total);
        return snapshot;
    }

    public void Restore(ReadOnlySpan<byte> snapshot)
    {
        _clock = new MachineClock(
            BinaryPrimitives.ReadInt64LittleEndian(snapshot),
            BinaryPrimitives.ReadInt64LittleEndian(snapshot[8..]));
        Total = BinaryPrimitives.ReadInt64LittleEndian(snapshot[16..]);
    }

    public ulong Digest() => StateDigest.Of(TakeSnapshot());
}
