using Muster.Bus;
using Muster.Contracts;
using Muster.Contracts.Decisions;
using Muster.Decisions.Consumers;
using Muster.Hosting;
using Muster.Serving;
using Shouldly;
using Xunit;

namespace Muster.Host.Tests;

/// <summary>How many answers are one message.</summary>
public sealed class ReplyBatchesTests : IReplySender
{
    private const int MostBytes = 16 * 1024 * 1024;

    private static readonly ReplyAddress Ann = ReplyAddress.Inbox("ann");

    private readonly ReplyBatches<DecisionReply> _replies;
    private readonly List<DecisionReplyBatch> _sent = [];

    public ReplyBatchesTests() => _replies = new(
        this, replies => new DecisionReplyBatch { Replies = replies }, DecisionCommands.Content,
        DecisionCommands.LengthOf);

    /// <summary>The broker takes no larger message; a quote is six bytes of JSON.</summary>
    [Theory]
    [InlineData('v')]
    [InlineData('"')]
    public void Long_answers_are_as_many_messages_as_it_takes(char letter)
    {
        var value = new string(letter, 64 * 1024);
        for (var number = 0; number < 256; number++)
        {
            _replies.Gather(Ann, Taken(number, value));
        }
        _replies.Flush();

        _sent.ShouldAllBe(batch => BusJson.Write(batch).Length < MostBytes);
        _sent.SelectMany(batch => batch.Replies).Select(reply => reply.ValueProposed!.CommandId)
            .ShouldBe(Enumerable.Range(0, 256).Select(number => $"c{number}"));
        _sent.Count.ShouldBeLessThan(20);
    }

    [Fact]
    public void Short_answers_are_one_message_up_to_256()
    {
        for (var number = 0; number < 257; number++)
        {
            _replies.Gather(Ann, Taken(number, "v"));
        }
        _replies.Flush();

        _sent.Select(batch => batch.Replies.Count).ShouldBe([256, 1]);
    }

    void IReplySender.Send<T>(ReplyAddress to, T message) =>
        _sent.Add(((object)message).ShouldBeOfType<DecisionReplyBatch>());

    private static DecisionReply Taken(int number, string value) => new()
    {
        ValueProposed = new() { CommandId = $"c{number}", Decision = new() { Key = "k", Value = value } },
    };
}
