using System.IO.Compression;
using Muster.Lock.Machine;
using Muster.Simulator;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Lock;

/// <summary>What an earlier build wrote, to the byte: from a backup it must still be read.</summary>
public sealed class FormerSnapshotTests
{
    /// <summary>Of version 5, whose answers were all JSON, the group's in the head; packed.</summary>
    private const string Version5 =
        "G7EdAJwHtjvknUL8WNQLYzooXuTznfr/jQkaDMgF7Pq84FeeG3xMwnJECpqC9377+Zbq9WloMLcMfvD9mFjrKxYdKO"
        + "eio0qOXpFN0oNT+qlSJfD+19K50IpTCLkpVbr7b/8trVV7l2SX2j1CBYzHGIRSYVZRmsZIhJAs4nmjSBcPOef1v7kI"
        + "z0ZCghfSIsbrMRjCVKXy0ILX8u2HltaYZcj0cfjGrkvo4fxcQyg+AGjYWRLhAw0EU3YMGgJp0QXDuXiGtjkFJWjK6L"
        + "sKPM/TzjQrYD0zl98ZitZcW3tlgLymGCj2JZl1Jzq+d0VxW1yof64JqFpPnMpcikpmbbJeEvzyLcny2aQCCPndS61w"
        + "bQKEQDMyF7Jm/wg2E7uIKqQ8WSje4I0rSlnyS1K9Ib6m5rkZpqZ/hOM8LCEMDB+5d61Kd0pG1B0qIKUV1bowFXYLsW"
        + "3qd4Su8gKmhDdSQ2i9fInmBZ+lC6JD4rnUZkCkiQykvv0QzrlE74AR6YeUlxLuJEzAT9hQqspdJt9lixL1bXFJZADe"
        + "RSkjXuHeH3wxKgdBR+hkRglc8oaTHcIKZMss/M7HKBnMWn9hSLl06pkuDY0oCYVJJm0eskLz245vc/IggHAGq7q5OY"
        + "YYGSseLx6Kvwfw2eWyz0S2qjDFJot9zzUUA4HJ2S+XyT77yKMBTgf6aaBCcGgEIotL0Yvx/WWjsRCZn/mxOSpxK3JA"
        + "zdAvxGvr1mEGCiziLRWNCbrCUIULOzv1oS7Sbm21plBYOMu/J82gxvrsGJvEEiLmFdcKcE+bieHit3TcQW5xRSx0ze"
        + "mv7D6ZrRkc07BkF6gu+OX2LOOHuZqsGoYFWEmMyE596Zl7pqAE0JxRX9+sIrYLax4PQX+pCQ/C5Dd5po4oexhbLpJp"
        + "sAtD9eBPnKtTmYphA+qFUoxssizc6FybSCEKLSFtx9KkEv2wTGAxfcbb5tjmuTPoFEOCsm8mjVvxScFCWo93NSeqUL"
        + "voejC3eSdrzq34tGCh7W9uTvX4bCFPZLuGWA5i+o53mWP7nLjVfKjbQTNjXLbh3y3fC1uSe7R9v2WLDsXyLb3nCNUI"
        + "8mPA0yfqIVUSCJNpkJZjFjMCBSffq8eMnl79P5Hg+K4w7e0Vq+BF/GlBNSzJ/L+1rCCKyS0AkJ3tLMEMiHn63EkBrg"
        + "qzeF8t1LjUMAVqSKEdxSCVbFvP/VU92v4dmR8Nau5FUYw4au4Pv5W5bYVT/o+/REnHzH0rzEz9Aw==";

    [Fact]
    public void One_of_version_5_is_read_as_the_same_state()
    {
        var script = new LockScript();
        script.Apply("open A node=n/1; open B; acquire A x a1 seq=1; acquire B x b1 wait=9000");
        script.Apply("acquire B y b2; release B y b2 2; cancel B late; acquire A z a2 seq=2");
        var former = Unpacked(Version5);
        former[0].ShouldBe((byte)5);
        var restored = new LockMachine();
        restored.Restore(former);
        SnapshotText.Of(restored).ShouldBe(SnapshotText.Of(script.Machine));
        restored.TakeSnapshot().ShouldBe(script.Machine.TakeSnapshot());
    }

    private static byte[] Unpacked(string packed)
    {
        using var brotli = new BrotliStream(
            new MemoryStream(Convert.FromBase64String(packed)), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        brotli.CopyTo(bytes);
        return bytes.ToArray();
    }
}
