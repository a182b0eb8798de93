using Muster.Contracts.Registry;
using Muster.Registry.Machine;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Registry;

public sealed class ConfigTests
{
    private readonly RegistryBench _bench = new();

    [Fact]
    public void Of_two_writers_with_one_expected_version_the_first_wins_and_the_second_sees_it()
    {
        var version = _bench.Put("k", "0").ConfigWritten!.Version;
        _bench.Put("k", "1", expected: version).ConfigWritten!.Version.ShouldBe(version + 1);
        var refused = _bench.Put("k", "2", expected: version).RegistryRefused.ShouldNotBeNull();
        refused.Reason.ShouldBe(RegistryRefusal.VersionMismatch);
        (refused.Current!.Value, refused.Current.Version).ShouldBe(("1", version + 1));
        _bench.Events.ShouldBeEmpty();
        _bench.Machine.Get(new() { Key = "k" }).ConfigRead!.Entry!.Value.ShouldBe("1");
    }

    [Fact]
    public void Zero_expects_that_there_is_no_such_key()
    {
        _bench.Put("k", "1", expected: 0).ConfigWritten.ShouldNotBeNull();
        _bench.Put("k", "2", expected: 0).RegistryRefused!.Reason
            .ShouldBe(RegistryRefusal.VersionMismatch);
        _bench.Delete("other", expected: 3).RegistryRefused!.Current.ShouldBeNull();
        _bench.Delete("other", expected: 0).ConfigWritten!.Version.ShouldBe(0);
        _bench.Events.ShouldBeEmpty();
    }

    [Fact]
    public void A_key_deleted_and_written_again_never_has_a_version_twice()
    {
        var seen = new HashSet<long>();
        for (var round = 0; round < 5; round++)
        {
            seen.Add(_bench.Put("k", "same").ConfigWritten!.Version).ShouldBeTrue();
            seen.Add(_bench.Put("other", "x").ConfigWritten!.Version).ShouldBeTrue();
            _bench.Delete("k").ConfigWritten!.Version.ShouldBe(0);
            _bench.Events.ShouldHaveSingleItem().ConfigChanged!.Entry.ShouldBeNull();
            _bench.Restart();
        }
        var old = seen.Min();
        _bench.Put("k", "new", expected: old).RegistryRefused!.Reason
            .ShouldBe(RegistryRefusal.VersionMismatch);
    }

    [Fact]
    public void An_id_of_another_command_is_refused_and_the_first_keeps_its_answer()
    {
        var first = _bench.Put("k", "1", id: "same");
        _bench.Restart();

        RegistryReply[] others =
        [
            _bench.Put("other", "2", id: "same"), _bench.Delete("k", id: "same"),
            _bench.Register("k", service: "web", id: "same"),
        ];

        others.ShouldAllBe(other => other.RegistryRefused!.Reason == RegistryRefusal.CommandIdInvalid);
        _bench.Machine.Get(new() { Key = "other" }).ConfigRead!.Entry.ShouldBeNull();
        _bench.Put("k", "1", id: "same").ConfigWritten.ShouldBe(first.ConfigWritten);
        _bench.Register("a", id: "mine").InstanceAccepted.ShouldNotBeNull();
        _bench.Register("b", id: "mine").RegistryRefused!.Reason
            .ShouldBe(RegistryRefusal.CommandIdInvalid);
        _bench.Deregister("a", id: "mine").RegistryRefused!.Reason
            .ShouldBe(RegistryRefusal.CommandIdInvalid);
    }

    [Fact]
    public void A_repeat_is_answered_alike_and_written_once()
    {
        var first = _bench.Put("k", "1", id: "same");
        _bench.Put("k", "2");
        _bench.Put("k", "1", id: "same").ConfigWritten.ShouldBe(first.ConfigWritten);
        _bench.Events.ShouldBeEmpty();
        _bench.Machine.Get(new() { Key = "k" }).ConfigRead!.Entry!.Value.ShouldBe("2");
        var refused = _bench.Put("k", "3", expected: 99, id: "no").RegistryRefused!;
        _bench.Put("k", "4");
        _bench.Restart();
        var repeat = _bench.Put("k", "3", expected: 99, id: "no").RegistryRefused!;
        (repeat with { Current = refused.Current }).ShouldBe(refused);
        repeat.Current!.Value.ShouldBe("4"); // as it is, so that the next try can succeed
    }

    [Fact]
    public void A_prefix_is_listed_in_ordinal_order_and_in_pages()
    {
        foreach (var key in new[] { "b", "a/2", "a/10", "a/", "a", "aa", "A" })
        {
            _bench.Put(key, "v");
        }
        Keys(new() { Prefix = "a/" }).ShouldBe(["a/", "a/10", "a/2"]);
        Keys(new() { }).ShouldBe(["A", "a", "a/", "a/10", "a/2", "aa", "b"]);
        Keys(new() { Prefix = "c" }).ShouldBeEmpty();
        Keys(new() { Prefix = "a/", After = "zz" }).ShouldBeEmpty();
        var page = _bench.Machine.List(new ListConfig { Prefix = "a", Limit = 2 }).ConfigListed!;
        (page.Entries.Count, page.IsTruncated, page.EventsHead).ShouldBe((2, true, 7));
        Keys(new() { Prefix = "a", After = page.Entries[^1].Key }).ShouldBe(["a/10", "a/2", "aa"]);
        _bench.Machine.List(new ListConfig { Limit = 0 }).RegistryRefused!.Reason
            .ShouldBe(RegistryRefusal.QueryInvalid);
    }

    [Fact]
    public void A_page_ends_before_it_is_too_large_and_never_stays_empty()
    {
        var value = new string('v', RegistryValidation.MaxValueBytes);
        _bench.Put("a", value);
        _bench.Put("b", value);
        _bench.Put("c", value);
        var page = _bench.Machine.List(new ListConfig()).ConfigListed!;
        page.Entries.Count.ShouldBe(1);
        page.IsTruncated.ShouldBeTrue();
        Keys(new() { After = "a" }).ShouldBe(["b"]);
        var events = _bench.Machine.ReadEvents(new() { FromNumber = 1 }).RegistryEventsRead!;
        events.Events.Count.ShouldBe(1);
        events.Head.ShouldBe(3);
    }

    [Fact]
    public void A_cached_answer_says_its_age()
    {
        var fresh = _bench.Machine.Get(new() { Key = "k" }, cachedAge: 1_234).ConfigRead!.Freshness;
        (fresh.Mode, fresh.AgeMilliseconds).ShouldBe((Muster.Contracts.ReadMode.Cached, 1_234));
        _bench.Machine.Get(new() { Key = "k" }).ConfigRead!.Freshness.Mode
            .ShouldBe(Muster.Contracts.ReadMode.Linearizable);
    }

    private IEnumerable<string> Keys(ListConfig query) =>
        _bench.Machine.List(query).ConfigListed!.Entries.Select(entry => entry.Key);
}
