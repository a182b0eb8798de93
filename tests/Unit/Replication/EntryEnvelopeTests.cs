using Muster.Replication.Core;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Replication;

public sealed class EntryEnvelopeTests
{
    private static readonly EntryEnvelope Sample = new()
    {
        Origin = "réplica.1",
        IsRecord = true,
        MachineVersion = 300,
        Number = 7,
        IssuedAt = 1L << 40,
        Body = new byte[] { 1, 2, 3 },
    };

    [Fact]
    public void What_is_written_is_read_back()
    {
        var read = EntryEnvelope.Read(Sample.Write());

        (read.IsRecord, read.MachineVersion).ShouldBe((true, 300));
        read.Origin.ShouldBe(Sample.Origin);
        read.Number.ShouldBe(Sample.Number);
        read.IssuedAt.ShouldBe(Sample.IssuedAt);
        read.Body.ToArray().ShouldBe([1, 2, 3]);
        read.IsTick.ShouldBeFalse();
    }

    [Fact]
    public void An_empty_body_is_a_tick() =>
        EntryEnvelope.Read((Sample with { Body = default }).Write()).IsTick.ShouldBeTrue();

    [Fact]
    public void The_bytes_are_fixed_because_old_logs_hold_them() =>
        new EntryEnvelope { Origin = "a", Number = 2, IssuedAt = 3, Body = new byte[] { 9 } }.Write()
            .ShouldBe([2, 0, 1, 0, 1, 0, (byte)'a', 2, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 9]);

    [Fact]
    public void An_unknown_version_is_refused()
    {
        var payload = Sample.Write();
        payload[0] = 3;
        Should.Throw<FormatException>(() => EntryEnvelope.Read(payload)).Message.ShouldContain("version 3");
    }

    [Fact]
    public void An_unknown_kind_of_body_is_refused()
    {
        var payload = Sample.Write();
        payload[1] = 2;
        Should.Throw<FormatException>(() => EntryEnvelope.Read(payload)).Message.ShouldContain("kind 2");
    }

    [Fact]
    public void A_payload_that_is_too_short_is_refused()
    {
        var payload = Sample.Write();
        for (var length = 0; length < payload.Length - Sample.Body.Length; length++)
        {
            Should.Throw<FormatException>(() => EntryEnvelope.Read(payload.AsMemory(0, length)));
        }
    }

    [Fact]
    public void An_origin_over_the_limit_is_not_written() =>
        Should.Throw<InvalidOperationException>(
            () => (Sample with { Origin = new string('x', EntryEnvelope.MaxOriginBytes + 1) }).Write());
}
