using Muster.Recovery.Machine;
using Shouldly;
using Xunit;

namespace Muster.Recovery.Tests;

public sealed class RecoveryOptionsTests
{
    public static TheoryData<RecoveryServiceOptions, string> Wrong => new()
    {
        { new() { BackupFolder = " " }, "BackupFolder" },
        { new() { BackupGroups = ["lock", "lock"] }, "BackupGroups" },
        { new() { BackupGroups = ["../lock"] }, "BackupGroups" },
        { new() { StateTimeout = TimeSpan.FromMilliseconds(999) }, "StateTimeout" },
        { new() { StateTimeout = TimeSpan.FromMinutes(6) }, "StateTimeout" },
        { new() { ClaimPatience = TimeSpan.FromMilliseconds(499) }, "ClaimPatience" },
        { new() { ClaimPatience = TimeSpan.FromMinutes(2) }, "ClaimPatience" },
        { new() { Group = "" }, "Recovery: the name" },
        { new() { MaxGroups = 0 }, "MaxGroups" },
        { new() { MaxGroups = 10_001 }, "MaxGroups" },
        { new() { MaxMembersPerGroup = 1 }, "MaxMembersPerGroup" },
        { new() { MaxMembersPerGroup = 257 }, "MaxMembersPerGroup" },
        { new() { MaxMembers = 63 }, "64" },
        { new() { MaxMembers = 20_001 }, "MaxMembers" },
        { new() { MaxTotalStateBytes = (256 * 1024) - 1 }, "MaxTotalStateBytes" },
        { new() { MaxTotalStateBytes = (8 * 1024 * 1024) + 1 }, "MaxTotalStateBytes" },
    };

    [Fact]
    public void The_defaults_are_in_order()
    {
        RecoveryServiceOptions.Problems(new()).ShouldBeEmpty();
        new RecoveryServiceOptions().ToLimits().ShouldBe(RecoveryLimits.Default);
        new RecoveryServiceOptions().GroupsToBackUp
            .ShouldBe(["lock", "registry", "recovery", "detector", "decisions"]);
    }

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_cannot_work_is_said_with_its_value(RecoveryServiceOptions options, string name) =>
        RecoveryServiceOptions.Problems(options).ShouldHaveSingleItem().ShouldContain(name);
}
