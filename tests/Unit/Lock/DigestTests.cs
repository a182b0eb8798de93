using Muster.Lock.Machine;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Lock;

/// <summary>
/// Two machines that part in one thing alone have two digests: what writer and reader of a snapshot left out
/// together would show nowhere else.
/// </summary>
public sealed class DigestTests
{
    private const string Before = "open A ttl=60000; open B ttl=60000; acquire B z b1 seq=1";

    /// <summary>Behind it no answer, no delivery and no event is left of what came before.</summary>
    private static readonly string[] Forgotten =
    [
        "release B z b1 1 seq=2; acquire B z b2 seq=3",
        "cancel A q seq=90 below=90; cancel B q seq=91 below=91",
        "claim r1 0; published 1 99", "tick +1000",
    ];

    [Theory]
    [InlineData("open C", "open D")]
    [InlineData("open C ttl=60000", "open C ttl=50000")]
    [InlineData("open C delay=1", "open C delay=2")]
    [InlineData("open C id=c", "open C id=d")]
    [InlineData("open C node=n/1", "open C node=n/2")]
    [InlineData("beat A +1", "beat B +1")]
    [InlineData("tick +1", "tick +2")]
    [InlineData("cancel A a1 seq=1", "cancel A a2 seq=1")]
    [InlineData("acquire A x a1 seq=1", "acquire A y a1 seq=1")]
    [InlineData("acquire A x a1 seq=1", "acquire B x a1 seq=9")]
    [InlineData("acquire A x a1 seq=1", "acquire A x a1 seq=1 mode=shared")]
    [InlineData("acquire A x a1 seq=1 mode=1/5", "acquire A x a1 seq=1 mode=2/5")]
    [InlineData("acquire A x a1 seq=1 mode=1/5", "acquire A x a1 seq=1 mode=1/6")]
    [InlineData("acquire A x a1 seq=1 flow=f", "acquire A x a1 seq=1 flow=g")]
    [InlineData("acquire A z a1 seq=1 wait=8000", "acquire A z a1 seq=1 wait=9000")]
    [InlineData("acquire A y,z a1 seq=1 wait=9000 to=m", "acquire A y,z a1 seq=1 wait=9000 to=n")]
    [InlineData("acquire A y,z a1 seq=1 wait=9000 via=r1", "acquire A y,z a1 seq=1 wait=9000 via=r2")]
    [InlineData("campaign A e a1 seq=1 value=v", "campaign A e a1 seq=1 value=w")]
    [InlineData("limit t 2/3/4", "limit t 2/3/5")]
    [InlineData("crash m/7 3", "crash m/7 4")]
    [InlineData("open C ttl=1000 delay=5000; acquire C x c", "open C ttl=1000 delay=6000; acquire C x c")]
    public void Two_states_have_two_digests(string one, string other) =>
        DigestOf([Before, one, .. Forgotten]).ShouldNotBe(DigestOf([Before, other, .. Forgotten]));

    [Theory]
    [InlineData("release A x a1 1 id=r", "release A y a1 1 id=r")]
    [InlineData("release A x a1 1 id=r", "release A x a1 1 id=s")]
    [InlineData("cancel A a1 seq=1", "cancel A a1 seq=2")]
    [InlineData("claim r1 0", "claim r2 0")]
    [InlineData("claim r1 0; published 1 1", "claim r1 0")]
    public void Two_pasts_that_are_remembered_have_two_digests(string one, string other) =>
        DigestOf([Before, one]).ShouldNotBe(DigestOf([Before, other]));

    /// <summary>The counterpart: what is forgotten, and differs in nothing else, is the same.</summary>
    [Fact]
    public void What_is_forgotten_tells_no_states_apart() =>
        DigestOf([Before, "release A x a1 1 id=r", .. Forgotten])
            .ShouldBe(DigestOf([Before, "release A y a1 1 id=s", .. Forgotten]));

    private static ulong DigestOf(params IReadOnlyList<string> lines)
    {
        var script = new LockScript(new() { MaxKeptEvents = 1 }, window: 1_000);
        foreach (var line in lines)
        {
            script.Apply(line);
        }
        return script.Machine.Digest();
    }
}
