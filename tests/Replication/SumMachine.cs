using System.Buffers.Binary;
using Muster.Replication.Core;

namespace Muster.Replication.Tests;

/// <summary>Adds up numbers; the effect of each is the new sum. Zero makes it throw.</summary>
internal sealed class SumMachine : IStateMachine<long>
{
    private MachineClock _clock = new();

    public long Time => _clock.Time;

    public bool IsInitialized => true;

    public long? NextDeadline => null;

    public long Sum { get; private set; }

    public static byte[] Encode(IReadOnlyList<long> commands)
    {
        var body = new byte[commands.Count * sizeof(long)];
        for (var number = 0; number < commands.Count; number++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(body.AsSpan(number * sizeof(long)), commands[number]);
        }
        return body;
    }

    public IReadOnlyList<long> Apply(AppliedEntry entry)
    {
        _clock.Advance(entry.LogTime);
        var sums = new List<long>();
        for (var body = entry.Body.Span; !body.IsEmpty; body = body[sizeof(long)..])
        {
            var number = BinaryPrimitives.ReadInt64LittleEndian(body);
            Sum += number != 0 ? number : throw new InvalidOperationException("zero");
            sums.Add(Sum);
        }
        return sums;
    }

    public byte[] TakeSnapshot() => Encode([_clock.Time, _clock.LastLogTime, Sum]);

    public void Restore(ReadOnlySpan<byte> snapshot)
    {
        _clock = new MachineClock(
            BinaryPrimitives.ReadInt64LittleEndian(snapshot),
            BinaryPrimitives.ReadInt64LittleEndian(snapshot[8..]));
        Sum = BinaryPrimitives.ReadInt64LittleEndian(snapshot[16..]);
    }

    public ulong Digest() => StateDigest.Of(TakeSnapshot());
}
