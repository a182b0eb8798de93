using Muster.Bus;
using Muster.Contracts.Registry;

namespace Muster.Client.Tests;

public class ConfigTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_written_is_read_with_its_version_and_gone_when_deleted()
    {
        await using var test = new ClientUnderTest();

        var version = await test.Config.PutAsync("k", "v", cancellationToken: Cancellation).Soon();
        var read = await test.Config.GetAsync("k", Cancellation).Soon();
        await test.Config.DeleteAsync("k", version, Cancellation).Soon();

        read.ShouldBe(new ConfigValue { Key = "k", Value = "v", Version = version });
        (await test.Config.GetAsync("k", Cancellation).Soon()).ShouldBeNull();
    }

    [Fact]
    public async Task A_write_over_another_version_is_refused_with_what_is_there()
    {
        await using var test = new ClientUnderTest();
        var version = await test.Config.PutAsync("k", "v", 0, Cancellation).Soon();

        var conflict = await Should.ThrowAsync<ConfigConflictException>(
            () => test.Config.PutAsync("k", "w", version + 1, Cancellation).Soon());
        var gone = await Should.ThrowAsync<ConfigConflictException>(
            () => test.Config.DeleteAsync("absent", 3, Cancellation).Soon());

        conflict.Reason.ShouldBe(RegistryRefusal.VersionMismatch);
        conflict.Current.ShouldBe(new ConfigValue { Key = "k", Value = "v", Version = version });
        gone.Current.ShouldBeNull();
    }

    [Fact]
    public async Task Other_refusals_say_why()
    {
        await using var test = new ClientUnderTest();
        test.Registry.Override = command =>
            RegistryDouble.Refused(command.PutConfig!.CommandId, RegistryRefusal.ConfigInvalid);

        var refused = await Should.ThrowAsync<MusterRefusedException>(
            () => test.Config.PutAsync("", "v", cancellationToken: Cancellation).Soon());

        refused.Reason.ShouldBe(RegistryRefusal.ConfigInvalid);
        refused.ShouldNotBeOfType<ConfigConflictException>();
    }

    [Fact]
    public async Task Listing_goes_through_the_pages_of_a_prefix()
    {
        await using var test = new ClientUnderTest();
        test.Registry.PageSize = 2;
        foreach (var key in (string[])["a/1", "a/2", "a/3", "a/4", "a/5", "b"])
        {
            test.Registry.Write(key, key);
        }

        var listed = await test.Config.ListAsync("a/", Cancellation).Soon();

        listed.Select(value => value.Key).ShouldBe(["a/1", "a/2", "a/3", "a/4", "a/5"]);
    }

    [Fact]
    public async Task An_unanswered_write_is_sent_again_under_its_id_and_then_unknown()
    {
        await using var test = new ClientUnderTest();
        test.Registry.IsDeaf = true;
        var writing = test.Config.PutAsync("k", "v", cancellationToken: Cancellation);

        test.Pass(10);

        var unknown = await Should.ThrowAsync<MusterUnknownException>(() => writing.Soon());
        test.Registry.Received.Count.ShouldBe(10);
        test.Registry.Received.ShouldAllBe(command => command.PutConfig!.CommandId == unknown.CommandId);
    }

    [Theory]
    [InlineData(RegistryRefusal.NotReady)]
    [InlineData(RegistryRefusal.Overloaded)]
    public async Task A_registry_that_is_not_ready_or_overloaded_is_asked_again_under_the_same_id(
        RegistryRefusal notNow)
    {
        await using var test = new ClientUnderTest();
        test.Registry.Override = command => RegistryDouble.Refused(command.PutConfig!.CommandId, notNow);
        var writing = test.Config.PutAsync("k", "v", cancellationToken: Cancellation);
        writing.IsCompleted.ShouldBeFalse();
        test.Registry.Override = _ => null;

        test.Pass(1);

        await writing.Soon();
        test.Registry.Received.Select(command => command.PutConfig!.CommandId).Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public async Task Calls_gather_into_batches_of_bounded_size()
    {
        await using var test = new ClientUnderTest();
        test.Registry.IsDeaf = true;
        var large = new string('x', 250 * 1024);
        var writes = Enumerable.Range(0, 20)
            .Select(i => test.Config.PutAsync($"k{i}", large, cancellationToken: Cancellation)).ToArray();

        test.Pass(0.2);
        test.Registry.IsDeaf = false;
        test.Pass(2);

        await Task.WhenAll(writes).Soon();
        test.Link.Published.Select(published => published.Message).OfType<RegistryCommandBatch>()
            .ShouldAllBe(batch => batch.Commands.Count <= 3);
    }

    /// <summary>A service takes 1 MiB in a message, and escapes count.</summary>
    [Fact]
    public async Task A_batch_is_below_what_a_service_takes_whatever_JSON_makes_of_its_values()
    {
        await using var test = new ClientUnderTest();
        test.Registry.IsDeaf = true;
        var quotes = new string('"', 80 * 1024);
        var writes = Enumerable.Range(0, 20)
            .Select(i => test.Config.PutAsync($"k{i}", quotes, cancellationToken: Cancellation)).ToArray();

        test.Pass(0.2);
        test.Registry.IsDeaf = false;
        test.Pass(2);

        await Task.WhenAll(writes).Soon();
        test.Link.Published.Select(published => published.Message).OfType<RegistryCommandBatch>()
            .ShouldAllBe(batch => BusJson.Write(batch).Length <= 1024 * 1024);
    }

    [Fact]
    public async Task A_value_above_256_KiB_is_refused_at_once_and_never_sent()
    {
        await using var test = new ClientUnderTest();
        var most = new string('ä', 128 * 1024);

        var refused = await Should.ThrowAsync<ArgumentException>(
            () => test.Config.PutAsync("k", most + "x", cancellationToken: Cancellation).Soon());

        refused.Message.ShouldContain("The value has 262145 bytes of UTF-8, at most 262144.");
        test.Registry.Received.ShouldBeEmpty();
        await test.Config.PutAsync("k", most, cancellationToken: Cancellation).Soon();
    }

    [Fact]
    public async Task A_cancelled_call_ends_and_is_not_sent_again()
    {
        await using var test = new ClientUnderTest();
        test.Registry.IsDeaf = true;
        using var cancellation = new CancellationTokenSource();
        var reading = test.Config.GetAsync("k", cancellation.Token);

        await cancellation.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => reading.Soon());
        test.Pass(5);

        test.Registry.Received.Count.ShouldBe(1);
    }
}
