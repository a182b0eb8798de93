using CsCheck;
using Muster.Replication.Core;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Replication;

public sealed class StateBytesTests
{
    [Fact]
    public void What_was_written_is_read_in_the_same_order()
    {
        Gen.Select(Gen.Long.Array[0, 20], Gen.String.AlphaNumeric.Array[0, 20], Gen.Byte.Array[0, 300])
            .Sample((numbers, texts, part) =>
            {
                var writer = new StateWriter();
                writer.Number(numbers.Length);
                foreach (var number in numbers) writer.Number(number);
                writer.Number(texts.Length);
                foreach (var text in texts) writer.Text(text);
                foreach (var text in texts) writer.Known(text);
                writer.Part(part);
                writer.Byte(7);

                var reader = new StateReader(writer.ToArray());
                for (var left = reader.Count(least: 1); left > 0; left--)
                {
                    reader.Number().ShouldBe(numbers[^left]);
                }
                reader.Count(least: 1).ShouldBe(texts.Length);
                foreach (var text in texts) reader.Text().ShouldBe(text);
                foreach (var text in texts) reader.Known().ShouldBe(text);
                reader.Part().ToArray().ShouldBe(part);
                reader.Byte().ShouldBe((byte)7);
                reader.End();
            }, iter: 500);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(127, 1)]
    [InlineData(128, 2)]
    [InlineData(long.MaxValue, 9)]
    [InlineData(-1, 10)]
    [InlineData(long.MinValue, 10)]
    public void A_number_takes_as_many_bytes_as_it_needs(long number, int bytes)
    {
        var writer = new StateWriter();
        writer.Number(number);
        writer.ToArray().Length.ShouldBe(bytes);
        new StateReader(writer.ToArray()).Number().ShouldBe(number);
    }

    [Fact]
    public void A_known_text_is_written_once()
    {
        var writer = new StateWriter();
        for (var times = 0; times < 100; times++) writer.Known("inbox:client.a-long-name");
        writer.ToArray().Length.ShouldBe(2 + 24 + 99);
    }

    [Theory]
    [InlineData(
        new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF }, "more than ten bytes")]
    [InlineData(new byte[] { 0x80 }, "ends too early")]
    [InlineData(new byte[] { 5, 1, 2 }, "counts more than it has")]
    [InlineData(new byte[] { 2, 0xC3, 0x28 }, "not UTF-8")]
    public void What_no_writer_has_written_is_refused(byte[] bytes, string why) =>
        Should.Throw<FormatException>(() => new StateReader(bytes).Text()).Message.ShouldContain(why);

    /// <summary>
    /// Else a short state could name many things, and whoever makes room for them has none.
    /// </summary>
    [Theory]
    [InlineData(10, 3, 3)]
    [InlineData(9, 3, 3)]
    [InlineData(8, 3, null)]
    [InlineData(0, 0, 0)]
    public void So_many_things_are_counted_as_may_follow_and_no_more(int follow, int counted, int? read)
    {
        byte[] bytes = [(byte)counted, .. new byte[follow]];
        if (read is { } count)
        {
            new StateReader(bytes).Count(least: 3).ShouldBe(count);
            return;
        }
        Should.Throw<FormatException>(() => new StateReader(bytes).Count(least: 3));
    }

    [Fact]
    public void A_text_that_was_never_written_is_not_known()
    {
        Refused(() => new StateReader([1]).Known(), "does not have");
        Refused(() => new StateReader([9]).Known(), "does not have");
        Refused(() => new StateReader([1]).End(), "1 bytes follow");
        var writer = new StateWriter();
        writer.Number(1L + int.MaxValue);
        Refused(() => new StateReader(writer.ToArray()).SmallNumber(), "too great");

        static void Refused(Action read, string why) =>
            Should.Throw<FormatException>(read).Message.ShouldContain(why);
    }
}
