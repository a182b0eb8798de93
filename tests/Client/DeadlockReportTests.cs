using Muster.Contracts.Lock;

namespace Muster.Client.Tests;

/// <summary>What the client makes of the answers of three lock groups.</summary>
public class DeadlockReportTests
{
    private static readonly LockWait OneForTwo = Wait("in-the-first-group", "one", "two");
    private static readonly LockWait TwoForOne = Wait("in-the-last-group", "two", "one");

    private static LockWait Wait(string name, string waiter, string blocker) => new()
    {
        Name = name,
        Waiter = new LockParty { Flow = waiter, AcquireId = name },
        Blocker = new LockParty { Flow = blocker },
        IsHeld = true,
    };

    private static async Task<DeadlockReport> FindAsync(int? groupWithMore)
    {
        await using var test = new ClientUnderTest();
        test.Service.Override = command => command.FindDeadlocks is not { } query ? null : new()
        {
            DeadlocksFound = new DeadlocksFound
            {
                CommandId = query.CommandId,
                Groups = 3,
                Waits = query.GroupNumber switch { 0 => [OneForTwo], 2 => [TwoForOne], _ => [] },
                HasMoreWaits = query.GroupNumber == groupWithMore,
            },
        };
        return await test.Locks.FindDeadlocksAsync(TestContext.Current.CancellationToken).AsTask().Soon();
    }

    [Theory]
    [InlineData(null)]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task It_has_more_waits_when_any_group_has(int? groupWithMore) =>
        (await FindAsync(groupWithMore)).HasMoreWaits.ShouldBe(groupWithMore is not null);

    [Fact]
    public async Task A_circle_over_two_groups_is_found() =>
        (await FindAsync(null)).Circles.ShouldHaveSingleItem().Waits.Select(wait => wait.Name)
            .ShouldBe([OneForTwo.Name, TwoForOne.Name]);
}
