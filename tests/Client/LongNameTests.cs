namespace Muster.Client.Tests;

/// <summary>
/// What no registry takes is refused before it is sent: with others' commands in one message it could make
/// that too large, and all of them would be refused.
/// </summary>
public class LongNameTests
{
    private static readonly string Key = new('ä', 257);

    private static readonly string Name = new('n', 129);

    private static readonly ServiceRegistration Instance = new() { Service = "a", Host = "h" };

    private static readonly Dictionary<string, Func<MusterClient, CancellationToken, Task>> Calls = new()
    {
        ["register"] = (client, stop) =>
            client.Services.RegisterAsync(Instance with { Service = Name }, stop),
        ["register an instance"] = (client, stop) =>
            client.Services.RegisterAsync(Instance with { InstanceId = Name }, stop),
        ["resolve"] = (client, stop) => client.Services.ResolveAsync(Name, null, stop).AsTask(),
        ["list services"] = (client, stop) => client.Services.ListAsync(Name, stop),
        ["get"] = (client, stop) => client.Config.GetAsync(Key, stop),
        ["put"] = (client, stop) => client.Config.PutAsync(Key, "v", null, stop),
        ["delete"] = (client, stop) => client.Config.DeleteAsync(Key, null, stop),
        ["list"] = (client, stop) => client.Config.ListAsync(Key, stop),
        ["watch"] = (client, stop) => Task.FromResult(client.Config.WatchAsync(Key, stop)),
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string> All => [.. Calls.Keys];

    [Theory]
    [MemberData(nameof(All))]
    public async Task It_is_refused_at_once_and_nothing_is_sent(string name)
    {
        await using var test = new ClientUnderTest();
        async Task CallAsync() => await Calls[name](test.Client, Cancellation);

        var refused = await Should.ThrowAsync<ArgumentException>(() => CallAsync().Soon());

        refused.Message.ShouldContain("at most");
        refused.ParamName.ShouldNotBeEmpty();
        test.Links.Created.ShouldBe(0);
    }

    [Fact]
    public async Task The_longest_are_sent()
    {
        await using var test = new ClientUnderTest();

        await test.Config.PutAsync(Key[1..], "v", null, Cancellation).Soon();
        (await test.Config.ListAsync(Key[1..], Cancellation).Soon()).Count.ShouldBe(1);
        await test.RegisterAsync(Name[1..]).Soon();
        (await test.ResolveAsync(Name[1..])).Instances.Count.ShouldBe(1);
        (await test.Services.ListAsync(Name[1..], Cancellation).Soon()).Count.ShouldBe(1);
    }
}
