namespace Muster.Client.Tests;

/// <summary>
/// Half of a surrogate pair is no text: JSON would have another character in its place, and so another name
/// or value than the caller's.
/// </summary>
public class NoTextTests
{
    private const string Half = "a\uD83D";

    private static readonly ServiceRegistration Instance = new() { Service = "a", Host = "h" };

    private static readonly Dictionary<string, Func<MusterClient, CancellationToken, Task>> Calls = new()
    {
        ["acquire"] = (client, stop) => client.Locks.AcquireAsync(Half, null, stop).AsTask(),
        ["acquire all"] = (client, stop) =>
            client.Locks.AcquireAsync(LockRequest.All("a", Half), null, stop).AsTask(),
        ["describe"] = (client, stop) => client.Locks.DescribeAsync(Half, stop).AsTask(),
        ["break"] = (client, stop) => client.Locks.BreakAsync(Half, "", stop).AsTask(),
        ["break for a reason"] = (client, stop) => client.Locks.BreakAsync("a", Half, stop).AsTask(),
        ["limit a namespace"] = (client, stop) =>
            client.Locks.SetNamespaceLimitsAsync(Half, new() { MaxLocks = 1 }, stop).AsTask(),
        ["campaign"] = (client, stop) =>
            client.Elections.CampaignAsync("e", Half, TimeSpan.FromSeconds(1), stop),
        ["campaign elsewhere"] = (client, stop) => client.Elections.CampaignAsync(Half, "v", null, stop),
        ["get leader"] = (client, stop) => client.Elections.GetLeaderAsync(Half, stop),
        ["register"] = (client, stop) =>
            client.Services.RegisterAsync(Instance with { Service = Half }, stop),
        ["register an instance"] = (client, stop) =>
            client.Services.RegisterAsync(Instance with { InstanceId = Half }, stop),
        ["register a host"] = (client, stop) =>
            client.Services.RegisterAsync(Instance with { Host = Half }, stop),
        ["register a scheme"] = (client, stop) =>
            client.Services.RegisterAsync(Instance with { Scheme = Half }, stop),
        ["register a zone"] = (client, stop) =>
            client.Services.RegisterAsync(Instance with { Zone = Half }, stop),
        ["register a tag"] = (client, stop) =>
            client.Services.RegisterAsync(Instance with { Tags = ["t", Half] }, stop),
        ["register metadata"] = (client, stop) => client.Services.RegisterAsync(
            Instance with { Metadata = new Dictionary<string, string> { ["k"] = Half } }, stop),
        ["register a metadata's key"] = (client, stop) => client.Services.RegisterAsync(
            Instance with { Metadata = new Dictionary<string, string> { [Half] = "v" } }, stop),
        ["resolve"] = (client, stop) => client.Services.ResolveAsync(Half, null, stop).AsTask(),
        ["get"] = (client, stop) => client.Config.GetAsync(Half, stop),
        ["put"] = (client, stop) => client.Config.PutAsync(Half, "v", null, stop),
        ["put a value"] = (client, stop) => client.Config.PutAsync("k", Half, null, stop),
        ["delete"] = (client, stop) => client.Config.DeleteAsync(Half, null, stop),
        ["propose"] = (client, stop) => client.Decisions.ProposeAsync(Half, "v", null, stop),
        ["propose a value"] = (client, stop) => client.Decisions.ProposeAsync("k", Half, null, stop),
        ["propose under an id"] = (client, stop) => client.Decisions.ProposeAsync("k", "v", Half, stop),
        ["get a decision"] = (client, stop) => client.Decisions.GetAsync(Half, stop),
        ["join"] = (client, stop) => client.Standbys.JoinAsync(new() { Group = Half }, stop),
        ["join as a member"] = (client, stop) =>
            client.Standbys.JoinAsync(new() { Group = "g", Member = Half }, stop),
        ["join with a lock"] = (client, stop) =>
            client.Standbys.JoinAsync(new() { Group = "g", Policy = new() { Lock = Half } }, stop),
        ["remove a group"] = (client, stop) => client.Standbys.RemoveGroupAsync(Half, false, stop),
    };

    public static TheoryData<string> All => [.. Calls.Keys];

    [Theory]
    [MemberData(nameof(All))]
    public async Task It_is_refused_at_once_and_nothing_is_sent(string name)
    {
        await using var test = new ClientUnderTest();
        Task Call() => Calls[name](test.Client, TestContext.Current.CancellationToken);

        var refused = await Should.ThrowAsync<ArgumentException>(() => Call().Soon());

        refused.Message.ShouldContain("surrogate");
        refused.ParamName.ShouldNotBeEmpty();
        test.Links.Created.ShouldBe(0);
    }

    [Fact]
    public async Task A_leader_proclaims_none()
    {
        await using var test = new ClientUnderTest();
        await using var leader = await test.Elections.CampaignAsync(
            "e", "v", null, TestContext.Current.CancellationToken).Soon();

        await Should.ThrowAsync<ArgumentException>(
            () => leader.ProclaimAsync(Half, TestContext.Current.CancellationToken).Soon());

        leader.Value.ShouldBe("v");
    }

    [Fact]
    public async Task An_instance_that_is_refused_for_it_takes_no_place()
    {
        await using var test = new ClientUnderTest();
        for (var i = 0; i < 1_001; i++)
        {
            await Should.ThrowAsync<ArgumentException>(() => test.Services.RegisterAsync(
                Instance with { Tags = [Half] }, TestContext.Current.CancellationToken).Soon());
        }

        await using var good = await test.RegisterAsync("a").Soon();

        good.IsRegistered.ShouldBeTrue();
        test.Registry.Received.Count.ShouldBe(1);
    }

    [Fact]
    public void An_owner_or_a_leaders_value_is_none()
    {
        var fault = new MusterOptionsValidator(isBusRequired: false).Validate(null, new() { Owner = Half });
        fault.FailureMessage!.ShouldContain("Owner");
        new LeaderElectedOptions { Value = Half }.Problems().ShouldHaveSingleItem().ShouldContain("Value");
        Should.Throw<ArgumentException>(() => LeaderElectedOptions.CheckElection(Half));
    }
}
