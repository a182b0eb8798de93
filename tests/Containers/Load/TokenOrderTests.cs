using Muster.Cluster.Load;
using Shouldly;
using Xunit;

namespace Muster.Containers.Tests.Load;

/// <summary>The judge of tokens: it must find what it is there to find, and nothing else.</summary>
public sealed class TokenOrderTests
{
    [Fact]
    public void Later_grants_of_any_lock_have_greater_tokens() =>
        TokenOrder.Judge([Seen("a", 1, 0, 1), Seen("b", 2, 2, 3), Seen("a", 3, 4, 5)]);

    [Fact]
    public void Grants_at_once_may_be_seen_in_any_order() =>
        TokenOrder.Judge([Seen("a", 2, 0, 10), Seen("b", 1, 5, 20), Seen("b", 3, 21, 30)]);

    [Fact]
    public void One_token_of_two_grants_is_found() =>
        Refuted(Seen("a", 1, 0, 10), Seen("b", 1, 5, 20)).ShouldContain("one token");

    [Fact]
    public void A_token_that_goes_back_is_found_also_behind_one_that_fits() =>
        Refuted(Seen("a", 5, 0, 1), Seen("b", 3, 0, 9), Seen("a", 4, 2, 30))
            .ShouldContain("without a greater token");

    private static string Refuted(params SeenGrant[] grants) =>
        Should.Throw<ShouldAssertException>(() => TokenOrder.Judge(grants)).Message;

    private static SeenGrant Seen(string name, long token, long asked, long granted) =>
        new(name, token, asked, granted);
}
