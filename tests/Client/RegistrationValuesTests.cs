namespace Muster.Client.Tests;

public class RegistrationValuesTests
{
    private static readonly ServiceRegistration Good = new() { Service = "a", Host = "h" };

    private static readonly Dictionary<string, ServiceRegistration> WithNull = new()
    {
        ["Service"] = Good with { Service = null! },
        ["Host"] = Good with { Host = null! },
        ["Scheme"] = Good with { Scheme = null! },
        ["Zone"] = Good with { Zone = null! },
        ["Tags"] = Good with { Tags = null! },
        ["Tags[1]"] = Good with { Tags = ["t", null!] },
        ["Metadata"] = Good with { Metadata = null! },
        ["Metadata[k]"] = Good with { Metadata = new Dictionary<string, string> { ["k"] = null! } },
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string> Nulls => [.. WithNull.Keys];

    [Theory]
    [MemberData(nameof(Nulls))]
    public async Task Null_is_refused_at_once_and_others_commands_go(string field)
    {
        await using var test = new ClientUnderTest();
        await using var other = await test.RegisterAsync("a").Soon();

        var bad = await Should.ThrowAsync<ArgumentException>(
            () => test.Services.RegisterAsync(WithNull[field], Cancellation).Soon());
        await Should.ThrowAsync<ArgumentException>(
            () => other.UpdateAsync(WithNull[field], Cancellation).Soon());

        bad.ShouldBeOfType<ArgumentException>();
        bad.Message.ShouldContain(field);
        test.Registry.Received.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Null_in_what_is_joined_or_asked_for_is_refused_at_once_too()
    {
        await using var test = new ClientUnderTest();
        Func<Task>[] calls =
        [
            () => test.Standbys.JoinAsync(new() { Group = null! }, Cancellation),
            () => test.Standbys.JoinAsync(
                new() { Group = "g", Policy = new() { Lock = null! } }, Cancellation),
            () => test.Locks.ReadHistoryAsync(new() { Name = null! }, Cancellation).AsTask(),
            () => test.Locks.ReadHistoryAsync(new() { SessionId = null! }, Cancellation).AsTask(),
        ];

        foreach (var call in calls)
        {
            var refused = await Should.ThrowAsync<ArgumentException>(() => call().Soon());
            refused.Message.ShouldContain("is null");
        }
        test.Links.Created.ShouldBe(0);
    }

    [Fact]
    public async Task What_the_caller_does_with_its_tags_and_metadata_afterwards_changes_nothing()
    {
        await using var test = new ClientUnderTest();
        List<string> tags = ["t"];
        var metadata = new Dictionary<string, string> { ["k"] = "v" };
        var wanted = Good with { Tags = tags, Metadata = metadata };
        await using var registration = await test.Services.RegisterAsync(wanted, Cancellation).Soon();
        await ChangeThemAsync();

        (tags[0], metadata["k"]) = ("t", "v");
        await registration.UpdateAsync(wanted, Cancellation).Soon();
        await ChangeThemAsync();

        async Task ChangeThemAsync()
        {
            var before = test.Registry.Registers.Count();
            (tags[0], metadata["k"]) = ("other", "other");
            test.Registry.Expire();
            await test.PassUntilAsync(() => test.Registry.Registers.Count() > before);
            var again = test.Registry.Registers.Last();
            again.Tags.ShouldBe(["t"]);
            again.Metadata["k"].ShouldBe("v");
        }
    }
}
