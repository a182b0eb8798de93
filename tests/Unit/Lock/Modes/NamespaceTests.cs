using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Muster.Contracts.Lock;
using Muster.Lock.Machine;
using Muster.Simulator;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Lock;

/// <summary>What a namespace has in use, and what it is refused at its limits.</summary>
public sealed class NamespaceTests
{
    [Theory]
    [InlineData("orders/a/b", "orders")]
    [InlineData("orders/", "orders")]
    [InlineData("orders", "")]
    [InlineData("/orders", "")]
    [InlineData("muster:election:boss", "muster:election:")]
    [InlineData("muster:election:orders/boss", "muster:election:orders")]
    [InlineData("muster:elections/boss", "muster:elections")]
    public void A_locks_namespace_ends_at_its_names_first_slash(string name, string expected) =>
        LockNamespaces.OfLock(name).ShouldBe(expected);

    [Fact]
    public void Names_in_use_are_limited_and_one_in_use_already_needs_no_room() => LockScript.Check("""
        limit t 2/0/0
          operator <- limit-t: 't' at most 2/0/0, has 0/0/0
        open A
          A <- open-A: opened A
        acquire A t/x a1; acquire A t/y a2; acquire A t/z a3; acquire A u/z a4; acquire A z a5
          #1 event 1: granted t/x 1 a1
          A <- a1: granted t/x 1
          #2 event 2: granted t/y 2 a2
          A <- a2: granted t/y 2
          A <- a3: LimitReached
          #3 event 3: granted u/z 3 a4
          A <- a4: granted u/z 3
          #4 event 4: granted z 4 a5
          A <- a5: granted z 4
        acquire A t/x a6 wait=900
          #5 event 5: queued t/x a6
          A <- a6: queued t/x behind 0
        release A t/y a2 2; acquire A t/z a7
          #6 event 6: released t/y 2 a2
          A <- release-A: released t/y 2
          #7 event 7: granted t/z 5 a7
          A <- a7: granted t/z 5
        """);

    [Fact]
    public void Who_holds_or_waits_is_limited_and_who_waits_alone_too() => LockScript.Check("""
        limit t 0/3/1
          operator <- limit-t: 't' at most 0/3/1, has 0/0/0
        open A
          A <- open-A: opened A
        acquire A t/x a1 mode=shared; acquire A t/x a2 wait=900; acquire A t/x a3 wait=900; acquire A t/x a4
          #1 event 1: granted t/x 1 Shared a1
          A <- a1: granted t/x 1 Shared
          #2 event 2: queued t/x a2
          A <- a2: queued t/x behind 0
          A <- a3: LimitReached
          A <- a4: LockBusy
        acquire A t/y a5; acquire A t/z a6
          #3 event 3: granted t/y 2 a5
          A <- a5: granted t/y 2
          A <- a6: LimitReached
        cancel A a2; acquire A t/z a7
          A <- cancel-A: cancelled a2
          #4 event 4: granted t/z 3 a7
          A <- a7: granted t/z 3
        """);

    [Fact]
    public void A_refusal_names_the_namespace_its_use_and_its_limit()
    {
        var script = new LockScript();
        script.Apply("limit t 3/0/0; open A; acquire A t/a a1; acquire A t/b a2");
        Refusal(script, "acquire A t/a,t/c,t/d,u/e a3").ShouldBe(
            "The namespace 't' has 2 locks in use in group lock, at most 3; this acquire needs 2 more.");
        script.Apply("limit t 0/2/0 id=l2");
        Refusal(script, "acquire A t/c a4")
            .ShouldBe("The namespace 't' has 2 acquires in group lock, at most 2.");
        script.Apply("limit t 0/0/1 id=l3; acquire A t/a a5 wait=900");
        Refusal(script, "acquire A t/b a6 wait=900")
            .ShouldBe("The namespace 't' has 1 waiting acquires in group lock, at most 1.");
    }

    /// <summary>All or none: nothing of it is counted when a namespace of one name has no room.</summary>
    [Fact]
    public void Several_names_need_room_for_all_of_them_in_each_of_their_namespaces()
    {
        var script = new LockScript();
        script.Apply("limit t 2/2/2; limit u 1/1/1; open A");
        script.Run("""
            acquire A t/a,u/a,u/b a1; acquire A t/a,t/b,t/c a2
              A <- a1: LimitReached
              A <- a2: LimitReached
            acquire A t/a,t/b,u/a a3
              #1 event 1: granted t/a,t/b,u/a 1 a3
              A <- a3: granted t/a,t/b,u/a 1
            """);
        Described(script.Machine).ShouldBe(["'t' at most 2/2/2, has 2/2/0", "'u' at most 1/1/1, has 1/1/0"]);
        script.Apply("release A - a3 1");
        Described(script.Machine).ShouldBe(["'t' at most 2/2/2, has 0/0/0", "'u' at most 1/1/1, has 0/0/0"]);
    }

    [Fact]
    public void Lower_limits_refuse_what_is_new_and_touch_nothing_that_is_there()
    {
        var script = new LockScript();
        script.Apply("open A; open B; acquire A t/a a1; acquire A t/b a2; acquire B t/a b1 wait=9000");
        script.Run("""
            limit t 1/1/0
              operator <- limit-t: 't' at most 1/1/0, has 2/3/1
            release A t/a a1 1
              #4 event 4: released t/a 1 a1
              #5 event 5: granted t/a 3 b1 | B <- b1: granted t/a 3 via r1
              A <- release-A: released t/a 1
            acquire A t/a a3 wait=900
              A <- a3: LimitReached
            limit t 0/0/0 id=none; acquire A t/a a4 wait=900
              operator <- none: 't' at most 0/0/0, has 2/2/0
              #6 event 6: queued t/a a4
              A <- a4: queued t/a behind 0
            """);
    }

    /// <summary>A hold that waits to become exclusive is one more that waits.</summary>
    [Fact]
    public void An_upgrade_counts_as_an_acquire()
    {
        var script = new LockScript();
        script.Apply("open A; open B; acquire A t/x a1 mode=upgradeable; acquire B t/x b1 mode=shared");
        script.Apply("limit t 0/2/0");
        script.Run("""
            upgrade A t/x a1 1 u1 wait=900
              A <- u1: LimitReached
            limit t 0/3/1 id=l2; acquire B t/y b2; upgrade A t/x a1 1 u2 wait=900
              operator <- l2: 't' at most 0/3/1, has 1/2/0
              #3 event 3: granted t/y 3 b2
              B <- b2: granted t/y 3
              A <- u2: LimitReached
            release B t/y b2 3; upgrade A t/x a1 1 u3 wait=900
              #4 event 4: released t/y 3 b2
              B <- release-B: released t/y 3
              #5 event 5: queued t/x u3
              A <- u3: queued t/x behind 0
            release B t/x b1 2 id=r2
              #6 event 6: released t/x 2 b1
              #7 event 7: granted t/x 4 of a1 u3 | A <- u3: granted t/x 4 of a1 via r1
              B <- r2: released t/x 2
            """);
        Described(script.Machine).ShouldBe(["'t' at most 0/3/1, has 1/2/0"]);
    }

    [Fact]
    public void Elections_have_namespaces_of_their_own()
    {
        var script = new LockScript();
        script.Apply("limit - 1/0/0; limit muster:election:t 1/0/0; open A");
        script.Apply("acquire A x a1; acquire A t/x a2");
        script.Run("""
            campaign A boss a3
              #3 event 3: granted muster:election:boss 3 a3
              #4 event 4: leader of boss: A 3 a3 ''
              A <- a3: granted muster:election:boss 3
            campaign A t/one a4
              #5 event 5: granted muster:election:t/one 4 a4
              #6 event 6: leader of t/one: A 4 a4 ''
              A <- a4: granted muster:election:t/one 4
            campaign A t/two a5; acquire A y a6
              A <- a5: LimitReached
              A <- a6: LimitReached
            """);
    }

    [Fact]
    public void A_repeat_is_answered_alike_and_another_command_under_its_id_does_nothing()
    {
        var script = new LockScript();
        script.Run("""
            limit t 1/2/3 id=l1
              operator <- l1: 't' at most 1/2/3, has 0/0/0
            limit t 9/9/9 id=l2
              operator <- l2: 't' at most 9/9/9, has 0/0/0
            limit t 1/2/3 id=l1
              operator <- l1: 't' at most 1/2/3, has 0/0/0
            limit t 1/2/4 id=l1
              operator <- l1: CommandIdInvalid
            """);
        Described(script.Machine).ShouldBe(["'t' at most 9/9/9, has 0/0/0"]);
    }

    [Fact]
    public void A_delay_keeps_its_name_in_use()
    {
        var script = new LockScript();
        script.Apply("limit t 1/0/0; open A delay=5000 ttl=1000; open B ttl=60000; acquire A t/x a1");
        script.Run("""
            acquire B t/y b1 +2000
              #2 event 2: expired A
              #3 event 3: lost t/x 1 a1 SessionExpired
              B <- b1: LimitReached
            """);
        script.Apply("tick +2000");
        script.Apply("tick +2000");
        script.Apply("tick +2000");
        Described(script.Machine).ShouldBe(["'t' at most 1/0/0, has 0/0/0"]);
    }

    [Fact]
    public void So_many_namespaces_have_limits_and_no_more_until_one_has_none()
    {
        var script = new LockScript();
        for (var number = 0; number < LockValidation.MaxLimitedNamespaces; number++)
        {
            script.Apply($"limit n{number} 1/0/0");
        }
        script.Run("""
            limit x 1/0/0; limit x 0/0/0 id=none; limit n5 2/0/0 id=again
              operator <- limit-x: LimitReached
              operator <- none: 'x' at most 0/0/0, has 0/0/0
              operator <- again: 'n5' at most 2/0/0, has 0/0/0
            limit n5 0/0/0 id=less; limit x 1/0/0 id=more
              operator <- less: 'n5' at most 0/0/0, has 0/0/0
              operator <- more: 'x' at most 1/0/0, has 0/0/0
            """);
    }

    [Fact]
    public void They_are_described_page_by_page_in_ordinal_order()
    {
        var script = new LockScript();
        script.Apply("open A; acquire A x a1; acquire A b/x a2; acquire A B/x a3; limit a 1/0/0");
        Described(script.Machine).ShouldBe(
        [
            "'' at most 0/0/0, has 1/1/0", "'B' at most 0/0/0, has 1/1/0", "'a' at most 1/0/0, has 0/0/0",
            "'b' at most 0/0/0, has 1/1/0",
        ]);
        var page = script.Machine.DescribeNamespaces(new() { After = "", Limit = 2 }).NamespacesDescribed!;
        page.Namespaces.Select(one => one.Namespace).ShouldBe(["B", "a"]);
        (page.HasMore, page.Groups).ShouldBe((true, 1));
        page = script.Machine.DescribeNamespaces(new() { After = "a", Limit = 2 }).NamespacesDescribed!;
        page.Namespaces.Select(one => one.Namespace).ShouldBe(["b"]);
        page.HasMore.ShouldBeFalse();
        script.Machine.DescribeNamespaces(new() { Limit = 1_001 }).LockRefused!.Reason
            .ShouldBe(LockRefusal.LimitReached);
        script.Machine.DescribeNamespaces(new() { After = new('n', 257) }).LockRefused!.Reason
            .ShouldBe(LockRefusal.NameInvalid);
    }

    [Fact]
    public void Limits_and_use_survive_the_snapshot_and_limits_that_make_no_sense_do_not()
    {
        var script = new LockScript();
        script.Apply("open A; limit t 2/3/4; limit - 5/0/0; acquire A t/x a1; acquire A t/x a2 wait=900");
        var restored = new LockMachine();
        restored.Restore(script.Machine.TakeSnapshot());
        Described(restored).ShouldBe(["'' at most 5/0/0, has 0/0/0", "'t' at most 2/3/4, has 1/2/1"]);
        restored.TakeSnapshot().ShouldBe(script.Machine.TakeSnapshot());
        foreach (var wrong in new[]
        {
            """{"name":"","limits":{"maxLocks":5}}""", """{"name":"u","limits":{"maxLocks":-1}}""",
            """{"name":"u/v","limits":{"maxLocks":1}}""", """{"name":"u","limits":{}}""",
            """{"name":null,"limits":{"maxLocks":1}}""", """{"name":"u"}""", "null",
        })
        {
            var shape = JsonNode.Parse(SnapshotText.Of(script.Machine))!.AsObject();
            shape["namespaces"]!.AsArray().Add(JsonNode.Parse(wrong));
            Should.Throw<FormatException>(
                () => new LockMachine().Restore(SnapshotText.Bytes(shape.ToJsonString())), wrong);
        }
    }

    [Fact]
    public void What_is_counted_is_what_is_there_at_every_index()
    {
        var refused = 0;
        Gen.Int[0, int.MaxValue].Sample(seed =>
        {
            var machine = new LockMachine();
            foreach (var (entry, _) in new RandomHistory(seed, length: 100, window: 6_000).Entries)
            {
                Interlocked.Add(ref refused, machine.Apply(entry).OfType<LockEffect.Answer>().Count(answer =>
                    answer.Reply.LockRefused?.Message.StartsWith(
                        "The namespace", StringComparison.Ordinal) == true));
                var described = machine.DescribeNamespaces(new() { Limit = 1_000 }).NamespacesDescribed;
                (described?.Namespaces ?? []).Where(one => one.Use != new NamespaceUse())
                    .Select(one => (one.Namespace, one.Use))
                    .ShouldBe(Recounted(machine));
            }
        }, iter: 100, threads: 2);
        refused.ShouldBeGreaterThan(20, "the histories are no good if hardly anything is refused in them");
    }

    /// <summary>By the acquires and delays that are written in a snapshot, which has no count.</summary>
    private static List<(string, NamespaceUse)> Recounted(LockMachine machine)
    {
        var shape = JsonNode.Parse(SnapshotText.Of(machine))!;
        var places = shape["acquires"]!.AsArray().SelectMany(acquire =>
            acquire!["claim"]!["names"]!.AsArray().Select(name => (
                Name: (string)name!,
                IsWaiting: (long)acquire["token"]! == 0))).ToList();
        var delayed = shape["delays"]!.AsArray().Select(delay => (string)delay!["name"]!);
        return places.Select(place => place.Name).Concat(delayed).Distinct()
            .GroupBy(LockNamespaces.OfLock).OrderBy(names => names.Key, StringComparer.Ordinal)
            .Select(names => (names.Key, new NamespaceUse
            {
                Locks = names.Count(),
                Acquires = places.Count(place => LockNamespaces.OfLock(place.Name) == names.Key),
                Waiting = places.Count(place =>
                    place.IsWaiting && LockNamespaces.OfLock(place.Name) == names.Key),
            })).ToList();
    }

    private static string Refusal(LockScript script, string line) =>
        script.Apply(line).ShouldHaveSingleItem().ShouldBeOfType<LockEffect.Answer>().Reply.LockRefused
            .ShouldNotBeNull().Message;

    private static IEnumerable<string> Described(LockMachine machine) =>
        machine.DescribeNamespaces(new()).NamespacesDescribed!.Namespaces.Select(EffectText.Of);
}
