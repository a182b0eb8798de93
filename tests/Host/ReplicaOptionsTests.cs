using Muster.Lock;
using Shouldly;
using Xunit;

namespace Muster.Host.Tests;

public sealed class ReplicaOptionsTests
{
    [Fact]
    public void The_defaults_are_in_order() => LockServiceOptions.Problems(new()).ShouldBeEmpty();

    /// <summary>A batch waits in its queue for a minute: its copies must find their ids then.</summary>
    [Fact]
    public void Ids_are_remembered_for_as_long_as_copies_of_their_commands_may_be_about()
    {
        var options = new LockServiceOptions
        {
            CommandTimeout = TimeSpan.FromSeconds(10),
            CommandWindow = TimeSpan.FromSeconds(70),
        };
        LockServiceOptions.Problems(options).ShouldBeEmpty();

        options.CommandWindow = TimeSpan.FromSeconds(69);
        LockServiceOptions.Problems(options).ShouldHaveSingleItem().ShouldBe(
            "Lock:CommandWindow 00:01:09 is shorter than Lock:CommandTimeout 00:00:10 and the 00:01:00 for "
            + "which a batch may wait in its queue: a command would be forgotten while copies of it are "
            + "about.");

        options.CommandWindow = TimeSpan.FromHours(25);
        LockServiceOptions.Problems(options).ShouldHaveSingleItem().ShouldContain("1 day at most");
    }
}
