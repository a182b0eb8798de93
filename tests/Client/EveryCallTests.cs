using System.Text;
using Muster.Bus;

namespace Muster.Client.Tests;

/// <summary>What holds for every call of the client: how it ends without an answer.</summary>
public class EveryCallTests
{
    /// <summary>Prepares what the call needs, and gives the call.</summary>
    private delegate Task<Func<CancellationToken, Task>> Preparation(ClientUnderTest test);

    private static readonly ServiceRegistration Instance = new() { Service = "a", Host = "h" };

    private static readonly Dictionary<string, Preparation> Commands = new()
    {
        ["acquire"] = Locks((locks, stop) => locks.AcquireAsync("a", null, stop).AsTask()),
        ["try acquire"] = Locks((locks, stop) => locks.TryAcquireAsync("a", default, stop).AsTask()),
        ["break"] = Locks((locks, stop) => locks.BreakAsync("a", "", stop).AsTask()),
        ["limit a namespace"] = Locks((locks, stop) =>
            locks.SetNamespaceLimitsAsync("a", new() { MaxLocks = 1 }, stop).AsTask()),
        ["list namespaces"] = Locks((locks, stop) => ReadAsync(locks.ListNamespacesAsync(stop))),
        ["read history"] = Locks((locks, stop) =>
            locks.ReadHistoryAsync(new() { Name = "a" }, stop).AsTask()),
        ["campaign"] = Client((client, stop) => client.Elections.CampaignAsync("e", "v", null, stop)),
        ["proclaim"] = Leading((leadership, stop) => leadership.ProclaimAsync("w", stop)),
        ["get leader"] = Client((client, stop) => client.Elections.GetLeaderAsync("e", stop)),
        ["register"] = Client((client, stop) => client.Services.RegisterAsync(Instance, stop)),
        ["update"] = Registered((instance, stop) => instance.UpdateAsync(Instance, stop)),
        ["drain"] = Registered((instance, stop) => instance.DrainAsync(true, stop)),
        ["resolve"] = Client((client, stop) => client.Services.ResolveAsync("a", null, stop).AsTask()),
        ["resolve linearizably"] = Client((client, stop) => client.Services.ResolveAsync(
            "a", new ResolveOptions { Mode = Contracts.ReadMode.Linearizable }, stop).AsTask()),
        ["list services"] = Client((client, stop) => client.Services.ListAsync("", stop)),
        ["get"] = Client((client, stop) => client.Config.GetAsync("k", stop)),
        ["put"] = Client((client, stop) => client.Config.PutAsync("k", "v", null, stop)),
        ["delete"] = Client((client, stop) => client.Config.DeleteAsync("k", null, stop)),
        ["list"] = Client((client, stop) => client.Config.ListAsync("", stop)),
        ["propose"] = Client((client, stop) => client.Decisions.ProposeAsync("k", "v", null, stop)),
        ["get a decision"] = Client((client, stop) => client.Decisions.GetAsync("k", stop)),
        ["list decisions"] = Client((client, stop) => client.Decisions.ListAsync("", stop)),
        ["join"] = Client((client, stop) =>
            client.Standbys.JoinAsync(new StandbyOptions { Group = "g" }, stop)),
        ["update the state"] = Joined((standby, stop) => standby.UpdateStateAsync([1], stop)),
        ["recover the state"] = Joined((standby, stop) => standby.RecoverStateAsync(stop)),
    };

    private static readonly Dictionary<string, Preparation> Others = new()
    {
        ["connect"] = Client((client, stop) => client.ConnectAsync(stop)),
        ["describe"] = Locks((locks, stop) => locks.DescribeAsync("a", stop).AsTask()),
        ["observe"] = Client((client, stop) => ReadAsync(client.Elections.ObserveAsync("e", stop))),
        ["watch the configuration"] = Client((client, stop) => ReadAsync(client.Config.WatchAsync("", stop))),
        ["watch the group"] = Joined((standby, stop) => ReadAsync(standby.WatchAsync(stop))),
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string> AllCommands => [.. Commands.Keys];

    public static TheoryData<string> All => [.. Commands.Keys, .. Others.Keys];

    [Theory]
    [MemberData(nameof(AllCommands))]
    public async Task Unanswered_it_is_unknown_under_the_id_of_a_command_that_went_out(string name)
    {
        await using var test = new ClientUnderTest();
        var call = (await Commands[name](test))(Cancellation);

        await test.PassUntilAsync(() => call.IsCompleted);

        var unknown = await Should.ThrowAsync<MusterUnknownException>(() => call.Soon());
        unknown.CommandId.ShouldNotBeEmpty();
        Sent(test).ShouldContain($"\"commandId\":\"{unknown.CommandId}\"");
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Cancelled_before_it_does_nothing(string name)
    {
        await using var test = new ClientUnderTest();
        var call = await Find(name)(test);
        var before = test.Links.Created == 0 ? 0 : test.Link.Published.Count;

        var cancelled = await Should.ThrowAsync<OperationCanceledException>(
            () => call(new CancellationToken(canceled: true)).Soon());

        cancelled.CancellationToken.IsCancellationRequested.ShouldBeTrue();
        (test.Links.Created == 0 ? 0 : test.Link.Published.Count).ShouldBe(before);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Cancelled_meanwhile_it_ends_at_once(string name)
    {
        await using var test = new ClientUnderTest(startUp: name != "connect");
        using var cancellation = new CancellationTokenSource();
        var call = (await Find(name)(test))(cancellation.Token);

        await cancellation.CancelAsync();

        var cancelled = await Should.ThrowAsync<OperationCanceledException>(() => call.Soon());
        cancelled.CancellationToken.ShouldBe(cancellation.Token);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task The_clients_end_ends_it(string name)
    {
        await using var test = new ClientUnderTest(startUp: name != "connect");
        var start = await Find(name)(test);
        var before = name == "connect" ? 0 : test.Link.Published.Count;
        var call = start(Cancellation);
        // Another thread may be the one that sends; what it sends later would be answered.
        await Waiting.UntilAsync(() => !Commands.ContainsKey(name) || test.Link.Published.Count > before);
        (test.Service.IsDeaf, test.Registry.IsDeaf, test.Recovery.IsDeaf) = (false, false, false);

        await test.Client.DisposeAsync().Soon();

        await Should.ThrowAsync<ObjectDisposedException>(() => call.Soon());
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task After_the_clients_end_there_is_none(string name)
    {
        await using var test = new ClientUnderTest();
        var call = await Find(name)(test);
        (test.Service.IsDeaf, test.Registry.IsDeaf, test.Recovery.IsDeaf) = (false, false, false);
        await test.Client.DisposeAsync().Soon();

        await Should.ThrowAsync<ObjectDisposedException>(() => call(Cancellation).Soon());
    }

    private static Preparation Find(string name) =>
        Commands.TryGetValue(name, out var command) ? command : Others[name];

    private static Preparation Client(Func<MusterClient, CancellationToken, Task> call) => async test =>
    {
        if (test.Links.StartUp)
        {
            await test.OpenSessionAsync();
        }
        return Deaf(test, stop => call(test.Client, stop));
    };

    private static Preparation Locks(Func<ILocks, CancellationToken, Task> call) =>
        Client((client, stop) => call(client.Locks, stop));

    private static Preparation Leading(Func<ILeadership, CancellationToken, Task> call) => async test =>
    {
        var leadership = await test.Elections.CampaignAsync("e", "v", null, Cancellation).Soon();
        return Deaf(test, stop => call(leadership, stop));
    };

    private static Preparation Registered(Func<IRegistration, CancellationToken, Task> call) => async test =>
    {
        var registration = await test.RegisterAsync("a").Soon();
        return Deaf(test, stop => call(registration, stop));
    };

    private static Preparation Joined(Func<IStandby, CancellationToken, Task> call) => async test =>
    {
        var standby = await test.Standbys.JoinAsync(new StandbyOptions { Group = "g" }, Cancellation).Soon();
        // Until it has sent all that it sends by itself: register, confirm, recover.
        await Waiting.UntilAsync(() => test.Link.Published.Count == 3);
        return Deaf(test, stop => call(standby, stop));
    };

    private static Func<CancellationToken, Task> Deaf(
        ClientUnderTest test, Func<CancellationToken, Task> call)
    {
        (test.Service.IsDeaf, test.Registry.IsDeaf, test.Recovery.IsDeaf) = (true, true, true);
        return call;
    }

    /// <summary>Reads for ever.</summary>
    private static async Task ReadAsync<T>(IAsyncEnumerable<T> stream)
    {
        await foreach (var _ in stream)
        {
        }
    }

    private static string Sent(ClientUnderTest test) => string.Concat(test.Link.Published
        .Select(published => Encoding.UTF8.GetString(BusJson.Write(published.Message))));
}
