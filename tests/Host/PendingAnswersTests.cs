using Muster.Contracts;
using Muster.Serving;
using Shouldly;
using Xunit;

namespace Muster.Host.Tests;

/// <summary>Which messages a lock replica may acknowledge when an answer leaves.</summary>
public sealed class PendingAnswersTests
{
    private static readonly ReplyAddress Ann = ReplyAddress.Inbox("ann");
    private static readonly ReplyAddress Bob = ReplyAddress.Inbox("bob");

    private readonly PendingAnswers _pending = new();
    private readonly List<string> _settled = [];

    [Fact]
    public void A_second_delivery_joins_the_first_and_both_are_settled_by_one_answer()
    {
        Add(Ann, "first").ShouldBeTrue();
        Add(Ann, "second").ShouldBeFalse();

        _pending.Settle(ReplyAddress.Inbox("ann"), "1");
        _pending.Settle(Ann, "1");

        _settled.ShouldBe(["first", "second"]);
        Add(Ann, "third").ShouldBeTrue("the command is under way no more");
    }

    [Fact]
    public void Senders_that_use_one_id_do_not_settle_each_others_messages()
    {
        Add(Ann, "ann's").ShouldBeTrue();
        Add(Bob, "bob's").ShouldBeTrue();
        Add(null, "nobody's").ShouldBeTrue();

        _pending.Settle(Bob, "1");

        _settled.ShouldBe(["bob's"]);
        _pending.Count.ShouldBe(2);
    }

    private bool Add(ReplyAddress? sender, string message) =>
        _pending.TryAdd(sender, "1", () => _settled.Add(message));
}
