using System.Reflection;
using Muster.Consensus.Transport;
using Muster.Contracts;
using Muster.Contracts.Consensus;
using Shouldly;
using Xunit;

namespace Muster.Consensus.Tests.Wire;

/// <summary>The binary form of what nodes send each other most.</summary>
public sealed class AppendCodecTests
{
    private static readonly string[] OfTheBatch =
        ["ClusterId", "From", "To", "DiskId", "LogId", "StartId", "Protocol", "Incarnation"];

    [Fact]
    public void Every_property_comes_back() =>
        Shown(AppendCodec.Read(AppendCodec.Write(Full()))).ShouldBe(Shown(Full()));

    [Fact]
    public void What_is_shown_above_has_every_property_of_its_contracts()
    {
        // Else a property that is added to a contract, and not to the form, is lost between the nodes.
        var shown = Shown(Full());
        Type[] contracts =
            [typeof(AppendBatch), typeof(AppendEntries), typeof(AppendEntriesReply), typeof(LogEntry)];
        foreach (var property in contracts.SelectMany(PropertiesOf))
        {
            shown.ShouldContain(property.Name + "=");
        }
        shown.ShouldNotContain("=,");
    }

    [Fact]
    public void A_batch_without_anything_comes_back() =>
        Shown(AppendCodec.Read(AppendCodec.Write(new AppendBatch()))).ShouldBe(Shown(new AppendBatch()));

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public void A_number_comes_back_whatever_it_is(long number)
    {
        var batch = new AppendBatch { Answers = [new() { RequestId = number }] };
        AppendCodec.Read(AppendCodec.Write(batch)).Answers[0].RequestId.ShouldBe(number);
    }

    [Fact]
    public void A_body_that_ends_anywhere_too_early_is_malformed()
    {
        var body = AppendCodec.Write(Full());
        for (var length = 0; length < body.Length; length++)
        {
            Should.Throw<InvalidDataException>(() => AppendCodec.Read(body.AsSpan(0, length)));
        }
    }

    [Fact]
    public void A_body_that_goes_on_after_its_end_is_malformed() =>
        Should.Throw<InvalidDataException>(() => AppendCodec.Read([.. AppendCodec.Write(Full()), 0]));

    [Fact]
    public void A_body_that_counts_more_than_it_has_is_malformed_before_anything_is_made_of_it()
    {
        var body = AppendCodec.Write(new AppendBatch());
        // The last two bytes are the counts of answers and requests.
        body[^1].ShouldBe((byte)0);
        byte[] four = [.. body[..^1], 0xFF, 0xFF, 0xFF, 0x7F];
        Should.Throw<InvalidDataException>(() => AppendCodec.Read(four)).Message.ShouldContain("counts more");
        byte[] negative = [.. body[..^1], .. Enumerable.Repeat((byte)0xFF, 9), 0x01];
        Should.Throw<InvalidDataException>(() => AppendCodec.Read(negative));
        byte[] endless = [.. body[..^1], .. Enumerable.Repeat((byte)0xFF, 11)];
        Should.Throw<InvalidDataException>(() => AppendCodec.Read(endless))
            .Message.ShouldContain("ten bytes");
    }

    [Fact]
    public void Another_form_and_an_unknown_kind_of_entry_are_malformed()
    {
        var body = AppendCodec.Write(Full());
        body[0] = 2;
        Should.Throw<InvalidDataException>(() => AppendCodec.Read(body)).Message.ShouldContain("form is 2");
        var entry = new LogEntry { Kind = (EntryKind)77 };
        var unknown = AppendCodec.Write(new AppendBatch { Requests = [new() { Entries = [entry] }] });
        Should.Throw<InvalidDataException>(() => AppendCodec.Read(unknown)).Message.ShouldContain("kind 77");
    }

    private static AppendBatch Full()
    {
        var number = 1000L;
        return new AppendBatch
        {
            Answers = [Filled<AppendEntriesReply>(), Filled<AppendEntriesReply>()],
            Requests =
            [
                Filled<AppendEntries>(),
                Filled<AppendEntries>() with { Entries = [Filled<LogEntry>(), Filled<LogEntry>()] },
            ],
            ClusterId = "cluster ü",
            From = new("from"),
            To = new("to"),
            DiskId = "disk",
            LogId = "log",
            StartId = "start",
            Protocol = 7,
            Incarnation = "incarnation",
        };

        T Filled<T>() where T : new()
        {
            var one = new T();
            foreach (var property in PropertiesOf(typeof(T)))
            {
                if (Value(property.PropertyType, ++number) is { } value) property.SetValue(one, value);
            }
            return one;
        }
    }

    private static object? Value(Type type, long number) =>
        type == typeof(long) ? number
        : type == typeof(int) ? (int)number
        : type == typeof(bool) ? true
        : type == typeof(Term) ? new Term(number)
        : type == typeof(LogIndex) ? new LogIndex(number)
        : type == typeof(string) ? "text " + number
        : type == typeof(EntryKind) ? EntryKind.Command
        : type == typeof(byte[]) ? BitConverter.GetBytes(number)
        : type == typeof(IReadOnlyList<LogEntry>) ? null
        : throw new NotSupportedException($"A {type} needs a value here, and a place in the form.");

    private static IEnumerable<PropertyInfo> PropertiesOf(Type contract) => contract.GetProperties()
        .Where(one => !typeof(PeerMessage).IsAssignableFrom(contract) || !OfTheBatch.Contains(one.Name));

    /// <summary>Everything that a contract has, in words.</summary>
    private static string Shown(object? value) => value switch
    {
        null => "",
        byte[] bytes => Convert.ToHexString(bytes),
        string text => text,
        System.Collections.IEnumerable many => $"[{string.Join(' ', many.Cast<object>().Select(Shown))}]",
        AppendBatch or PeerMessage or LogEntry => string.Join(
            ", ", PropertiesOf(value.GetType()).Select(one => $"{one.Name}={Shown(one.GetValue(value))}")),
        _ => value.ToString()!,
    };
}
