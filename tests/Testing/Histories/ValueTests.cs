namespace Muster.Testing.Tests;

public sealed class ValueTests
{
    [Theory]
    [InlineData("1", "1.0")]
    [InlineData("1", "10e-1")]
    [InlineData("1", "0.1E1")]
    [InlineData("0", "-0.0")]
    [InlineData("-12.50", "-125e-1")]
    [InlineData("1e400", "10e399")]
    [InlineData("123456789012345678901234567890", "123456789012345678901234567890.0")]
    public void Numbers_are_equal_by_value(string one, string other)
    {
        Value.ParseNumber(one).ShouldBe(Value.ParseNumber(other));
        Value.ParseNumber(one).GetHashCode().ShouldBe(Value.ParseNumber(other).GetHashCode());
    }

    [Theory]
    [InlineData("9007199254740993", "9007199254740992")]
    [InlineData("0.1", "0.10000000000000000555")]
    [InlineData("1e400", "1e401")]
    [InlineData("1", "-1")]
    public void Numbers_are_not_rounded(string one, string other) =>
        Value.ParseNumber(one).ShouldNotBe(Value.ParseNumber(other));

    [Theory]
    [InlineData("-125e-1", "-12.5")]
    [InlineData("0.00100", "0.001")]
    [InlineData("12e3", "12000")]
    [InlineData("1e400", "1e400")]
    public void Numbers_are_written_plainly(string text, string written) =>
        Value.ParseNumber(text).ToString().ShouldBe(written);

    [Theory]
    [InlineData("one")]
    [InlineData("1e99999999999999999999")]
    [InlineData("")]
    public void What_is_no_number_is_refused(string text) =>
        Should.Throw<FormatException>(() => Value.ParseNumber(text));

    [Fact]
    public void Kinds_differ()
    {
        Value[] values = [Value.Null, "", "1", 1, true, false, 0, Value.ListOf(), Value.ListOf(1), "A", "a"];
        values.Distinct().Count().ShouldBe(values.Length);
        Value.ListOf(1, "a").ShouldBe(Value.ListOf(1.0, "a"));
        Value.ListOf(1, "a").ShouldNotBe(Value.ListOf("a", 1));
        Value.ListOf(1, Value.Null, "a", true).ToString().ShouldBe("[1,null,\"a\",true]");
    }
}
