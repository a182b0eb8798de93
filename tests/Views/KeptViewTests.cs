using System.Text;
using Shouldly;
using Xunit;

namespace Muster.Views.Tests;

/// <summary>What may be in Redis, without one.</summary>
public sealed class KeptViewTests
{
    private const string Web = """{"service":"web","epoch":1,"index":1,"instances":[]}""";

    public static TheoryData<string, string?> Spoilt => new()
    {
        { "{", "60000" },
        { "null", "60000" },
        { "{}", "60000" },
        { """{"service":"other","epoch":1,"index":1,"instances":[]}""", "60000" },
        { """{"service":"web","epoch":1,"index":1,"instances":[null]}""", "60000" },
        { """{"service":"web","epoch":1,"index":1,"instances":null}""", "60000" },
        { Web, null },
        { Web, "abc" },
        { Web, "0" },
        { Web, "-1" },
        { Web, "86400001" },
        { Web, "9223372036854775807" },
    };

    [Theory]
    [MemberData(nameof(Spoilt))]
    public void What_no_registry_wrote_is_none(string view, string? ttl) =>
        KeptView.Read("web", Encoding.UTF8.GetBytes(view), ttl).ShouldBeNull();

    [Fact]
    public void What_one_wrote_is_as_old_as_its_life_has_passed()
    {
        var kept = KeptView.Read("web", ViewJson.Write(Sample.View(1, 2)), "60000").ShouldNotBeNull();

        kept.WithLeft(45_000).ShouldNotBeNull().Age.ShouldBe(TimeSpan.FromSeconds(15));
        kept.WithLeft(60_000)!.View.Instances.ShouldHaveSingleItem().InstanceId.ShouldBe("i1-2");
        kept.WithLeft(60_001).ShouldBeNull();
    }
}
