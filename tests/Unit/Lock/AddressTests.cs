using Muster.Contracts;
using Muster.Lock.Machine;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Lock;

public sealed class AddressTests
{
    [Theory]
    [InlineData(600_000, 0)]
    [InlineData(20, 600_000)]
    public void An_address_that_nothing_can_be_sent_to_is_kept_by_no_wait(int address, int request)
    {
        var monster = new ReplyAddress
        {
            Address = ReplyAddress.InboxScheme + new string('a', address),
            RequestId = new string('r', request),
        };
        var script = new LockScript();
        script.Apply("open A; open B");
        script.Apply("acquire A x a1 mode=upgradeable; acquire B x b1 mode=shared");
        script.Apply("acquire B x b2 wait=1500 seq=1");

        script.Apply(
            Acquiring("A", "a2", sequence: null, monster), Standing(monster), Upgrading(monster),
            Acquiring("B", "b2", sequence: 1, monster));

        script.Machine.TakeSnapshot().Length.ShouldBeLessThan(20_000);
        script.Run("""
            tick +1500
              #8 | B <- b2: LockBusy via r1
            """);
    }

    private static LockEntryCommand Acquiring(string session, string id, long? sequence, ReplyAddress to) =>
        new()
        {
            AcquireLock = new()
            {
                CommandId = id,
                SessionId = session,
                Name = "x",
                Sequence = sequence,
                WaitMilliseconds = 1_500,
                ReplyTo = to,
            },
        };

    /// <summary>Leads at once.</summary>
    private static LockEntryCommand Standing(ReplyAddress to) => new()
    {
        Campaign = new() { CommandId = "e1", SessionId = "A", Election = "e", ReplyTo = to },
    };

    private static LockEntryCommand Upgrading(ReplyAddress to) => new()
    {
        UpgradeLock = new()
        {
            CommandId = "u",
            SessionId = "A",
            Name = "x",
            AcquireId = "a1",
            FencingToken = new(1),
            WaitMilliseconds = 1_500,
            ReplyTo = to,
        },
    };
}
