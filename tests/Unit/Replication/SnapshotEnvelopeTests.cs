using System.Buffers.Binary;
using Muster.Contracts.Consensus;
using Muster.Replication.Core;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Replication;

public sealed class SnapshotEnvelopeTests
{
    private const int MiB = 1024 * 1024;

    [Fact]
    public void A_small_state_stays_as_it_is_so_older_ones_are_read_too()
    {
        byte[] state = [1, 2, 3];
        SnapshotEnvelope.TryWrite(state).ShouldBe(state);
        SnapshotEnvelope.Read(state).ToArray().ShouldBe(state);
        SnapshotEnvelope.Read([]).ToArray().ShouldBeEmpty();

        // Written before states were compressed.
        var large = Text(2 * MiB);
        SnapshotEnvelope.Read(large).SequenceEqual(large).ShouldBeTrue();
    }

    [Fact]
    public void A_large_state_is_compressed_and_comes_back_the_same()
    {
        var state = Text(20 * MiB);
        var packed = SnapshotEnvelope.TryWrite(state).ShouldNotBeNull();
        packed.Length.ShouldBeLessThan(LogEntry.LargestPayloadBytes);
        SnapshotEnvelope.TryWrite(state).ShouldNotBeNull().AsSpan().SequenceEqual(packed).ShouldBeTrue();
        SnapshotEnvelope.Read(packed).SequenceEqual(state).ShouldBeTrue();
    }

    [Fact]
    public void A_state_that_looks_compressed_comes_back_the_same()
    {
        byte[] state = [0xF5, (byte)'m', (byte)'s', 1, 9, 9];
        SnapshotEnvelope.Read(SnapshotEnvelope.TryWrite(state).ShouldNotBeNull()).ToArray().ShouldBe(state);
    }

    [Fact]
    public void What_no_message_can_carry_is_not_written()
    {
        var noise = new byte[LogEntry.LargestPayloadBytes];
        new Random(1).NextBytes(noise);
        SnapshotEnvelope.TryWrite(noise).ShouldBeNull();
        SnapshotEnvelope.TryWrite(new byte[SnapshotEnvelope.LargestStateBytes + 1]).ShouldBeNull();
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(SnapshotEnvelope.LargestStateBytes + 1)]
    [InlineData(MiB - 1)]
    [InlineData(MiB + 1)]
    public void A_wrong_length_is_refused(int length)
    {
        var packed = SnapshotEnvelope.TryWrite(Text(MiB))!;
        BinaryPrimitives.WriteInt32LittleEndian(packed.AsSpan(4), length);
        Should.Throw<FormatException>(() => SnapshotEnvelope.Read(packed).Length);
    }

    [Fact]
    public void A_form_of_a_later_build_or_half_a_snapshot_is_refused()
    {
        var packed = SnapshotEnvelope.TryWrite(Text(MiB))!;
        Should.Throw<FormatException>(() => SnapshotEnvelope.Read(packed[..(packed.Length / 2)]).Length);
        Should.Throw<FormatException>(() => SnapshotEnvelope.Read(packed[..6]).Length);
        packed[3]++;
        Should.Throw<FormatException>(() => SnapshotEnvelope.Read(packed).Length);
    }

    // Like a machine's: a version byte, then JSON with many names.
    private static byte[] Text(int bytes)
    {
        var random = new Random(7);
        var state = new byte[bytes];
        state[0] = 1;
        var word = "{\"lock\":\"orders-0000\",\"token\":0000}"u8.ToArray();
        for (var at = 1; at + word.Length <= bytes; at += word.Length)
        {
            word[18] = (byte)random.Next('0', '9');
            word[19] = (byte)random.Next('0', '9');
            word.CopyTo(state, at);
        }
        return state;
    }
}
