using Muster.Contracts.Lock;
using Muster.Lock.Consumers;
using Shouldly;
using Xunit;

namespace Muster.Host.Tests.LockGroups;

/// <summary>To which group's replica a process of the lock service gives a command.</summary>
public sealed class LockRouterTests
{
    // Of 4 groups, the one that "a/2/2" is in, as a name and as a tag.
    private const int Groups = 4;

    public static TheoryData<string> Kinds =>
    [
        .. typeof(LockCommand).GetProperties().Select(property => property.Name)
            .Where(name => name != nameof(LockCommand.TraceParent)),
    ];

    /// <summary>One forgotten would be sent to the first group, which refuses or does not know it.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_kind_of_command_goes_to_the_group_of_its_lock_or_session(string kind)
    {
        var property = typeof(LockCommand).GetProperty(kind)!;
        var content = Activator.CreateInstance(property.PropertyType)!;
        foreach (var (field, value) in new[]
            { ("SessionId", "3:s"), ("Name", "a/2/2"), ("Election", "{a/2/2}"), ("CommandId", "c") })
        {
            property.PropertyType.GetProperty(field)?.SetValue(content, value);
        }
        property.PropertyType.GetProperty("GroupNumber")?.SetValue(content, 3);
        var command = new LockCommand();
        property.SetValue(command, content);

        LockRouter.GroupOf(command, Groups).ShouldBe(3);
        // Those that name their group are answered by its router, right or wrong.
        if (property.PropertyType.GetProperty("GroupNumber") is null)
        {
            LockRouter.GroupOf(command, 1).ShouldBe(0);
        }
    }

    [Fact]
    public void Several_names_and_an_upgrade_go_to_the_group_of_theirs()
    {
        LockRouter.GroupOf(
            new() { AcquireLock = new() { SessionId = "3:s", Names = ["a/2/2", "{a/2/2}b"] } }, Groups)
            .ShouldBe(3);
        LockRouter.GroupOf(
            new() { ReleaseLock = new() { SessionId = "3:s", AcquireId = "a" } }, Groups).ShouldBe(3);
        LockRouter.GroupOf(
            new() { UpgradeLock = new() { SessionId = "3:s", Name = "a/2/2" } }, Groups).ShouldBe(3);
    }

    /// <summary>Bare JSON may leave fields out, or set them to null, whatever the types promise.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_command_without_its_fields_has_a_group(string kind)
    {
        var property = typeof(LockCommand).GetProperty(kind)!;
        var content = Activator.CreateInstance(property.PropertyType)!;
        foreach (var field in property.PropertyType.GetProperties()
            .Where(field => field.PropertyType == typeof(string)))
        {
            field.SetValue(content, null);
        }
        var command = new LockCommand();
        property.SetValue(command, content);

        // That of no name, or of the election of none.
        LockRouter.GroupOf(command, Groups)
            .ShouldBe(kind is "Campaign" or "Resign" or "Proclaim" or "ObserveLeader" ? 2 : 0);
    }
}
