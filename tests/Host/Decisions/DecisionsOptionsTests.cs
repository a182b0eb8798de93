using Muster.Decisions;
using Shouldly;
using Xunit;

namespace Muster.Host.Tests.Decisions;

public sealed class DecisionsOptionsTests
{
    [Fact]
    public void The_defaults_are_in_order_and_take_their_names_from_the_node()
    {
        DecisionsOptions.Problems(new()).ShouldBeEmpty();
        var options = new DecisionsOptions().For("n1", "blue");
        (options.Replica, options.ClusterId, options.Group).ShouldBe(("n1-decisions", "blue", "decisions"));
        options = new DecisionsOptions { Replica = "own", ClusterId = "red" }.For("n1", "blue");
        (options.Replica, options.ClusterId).ShouldBe(("own", "red"));
    }

    public static TheoryData<string, DecisionsOptions> Wrong => new()
    {
        { "Decisions: the name 'a b'", new() { Group = "a b" } },
        { "Decisions:MaxKeys is 0", new() { MaxKeys = 0 } },
        { "Decisions:MaxKeys is 1000001", new() { MaxKeys = 1_000_001 } },
        { "Decisions:MaxBytes is 65535", new() { MaxBytes = 65_535 } },
        { "Decisions:MaxBytes is 67108865", new() { MaxBytes = 67_108_865 } },
        { "Decisions:MaxKeyBytes is 0", new() { MaxKeyBytes = 0 } },
        { "Decisions:MaxKeyBytes is 4097", new() { MaxKeyBytes = 4_097 } },
        { "Decisions:MaxValueBytes is 0", new() { MaxValueBytes = 0 } },
        { "Decisions:MaxValueBytes is 262145", new() { MaxValueBytes = 262_145 } },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void A_value_out_of_range_is_named(string problem, DecisionsOptions options) =>
        DecisionsOptions.Problems(options).ShouldHaveSingleItem().ShouldStartWith(problem);

    [Fact]
    public void The_limits_found_the_group() => new DecisionsOptions
    {
        MaxKeys = 1,
        MaxBytes = 100_000,
        MaxKeyBytes = 3,
        MaxValueBytes = 4,
    }.ToLimits().ShouldBe(new() { MaxKeys = 1, MaxBytes = 100_000, MaxKeyBytes = 3, MaxValueBytes = 4 });
}
