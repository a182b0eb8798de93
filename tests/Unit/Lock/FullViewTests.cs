using System.Text.Json;
using Muster.Contracts;
using Muster.Contracts.Lock;
using Muster.Lock.Machine;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Lock;

/// <summary>What is held, for subscribers whose events are gone: in answers that the broker takes.</summary>
public sealed class FullViewTests
{
    private const int MaxMessageBytes = 16 * 1024 * 1024;

    private readonly LockScript _script = new(new() { MaxKeptEvents = 500, MaxOutbox = 200_000 });

    [Fact]
    public void A_hundred_thousand_grants_come_in_pages_each_once()
    {
        for (var session = 0; session < 5; session++)
        {
            Open($"s{session}", "owner");
            Acquire($"s{session}", 20_000, number => new() { Name = $"lock/{session}/{number}" });
        }
        var held = ReadAll(pages => pages.ShouldBeGreaterThan(1));
        held.Count.ShouldBe(100_000);
        held.Select(grant => grant.FencingToken).Distinct().Count().ShouldBe(100_000);
        held.Select(grant => grant.Name).ShouldBe(
            held.Select(grant => grant.Name).Order(StringComparer.Ordinal));
    }

    /// <summary>Of one name, and of texts that JSON writes six times as long.</summary>
    [Fact]
    public void Pages_end_within_the_holders_of_one_name_and_change_between_them()
    {
        var wide = new string('ü', 128);
        Open("s", new string('ü', 256));
        Acquire("s", 20_000, _ => new()
        {
            Name = wide,
            Mode = LockMode.Permits,
            MaxPermits = 20_000,
        });
        var first = Read();
        var (gone, next) = (first.Held[^1], first.Held.Count + 1);
        var released = new[] { (gone.CommandId, gone.FencingToken.Value), ($"a{next}", next + 1) };
        foreach (var (id, token) in released)
        {
            _script.Apply($"release s {wide} {id} {token} id=r{id}").OfType<LockEffect.Answer>()
                .ShouldHaveSingleItem().Reply.LockReleased.ShouldNotBeNull();
        }

        var held = ReadAll(pages => pages.ShouldBeGreaterThan(1), first);

        held.Count.ShouldBe(19_999);
        held.Select(grant => grant.FencingToken.Value).ShouldBe(
            Enumerable.Range(1, 20_000).Select(token => (long)token).Where(token => token != next + 1));
    }

    [Fact]
    public void A_grant_of_several_names_is_in_the_view_once_and_by_its_first()
    {
        _script.Apply("open A");
        _script.Apply("acquire A b,c a1; acquire A a,d a2; acquire A c/x a3");
        for (var number = 0; number < 500; number++)
        {
            _script.Apply($"campaign A e{number} e{number}");
        }
        Read().Held.Take(3).Select(grant => grant.CommandId).ShouldBe(["a2", "a1", "a3"]);
        Read("a", new(2)).Held.Take(2).Select(grant => grant.CommandId).ShouldBe(["a1", "a3"]);
        Read("b", new(1)).Held[0].CommandId.ShouldBe("a3");
        Read("c", default).Held[0].CommandId.ShouldBe("a3");
    }

    [Fact]
    public void Events_of_many_long_names_are_read_a_few_at_a_time()
    {
        Open("s", "owner");
        Acquire("s", 480, number => new()
        {
            Names =
            [
                .. Enumerable.Range(0, 64).Select(place => $"{number:D3}/{place:D2}/".PadRight(128, 'ü')),
            ],
        });
        var (from, answers) = (1L, 0);
        while (from <= _script.Machine.EventsHead)
        {
            var read = Fitting(_script.Machine.ReadEvents(new() { FromNumber = from }));
            read.Events[0].LockGranted!.Event!.Number.ShouldBe(from);
            from += read.Events.Count;
            answers++;
        }
        (from, answers > 1).ShouldBe((481, true));
    }

    private List<LockGranted> ReadAll(Action<int> pagesAre, LockEventsRead? first = null)
    {
        var (held, pages) = (new List<LockGranted>(), 0);
        for (var read = first ?? Read(); ; read = Read(held[^1].Name, held[^1].FencingToken))
        {
            held.AddRange(read.Held);
            pages++;
            if (!read.HasMore)
            {
                pagesAre(pages);
                return held;
            }
        }
    }

    private LockEventsRead Read(string name = "", FencingToken token = default)
    {
        var read = Fitting(_script.Machine.ReadEvents(
            new() { FromNumber = 1, AfterName = name, AfterToken = token }));
        read.IsFullView.ShouldBeTrue();
        return read;
    }

    private static LockEventsRead Fitting(LockEventsRead read)
    {
        JsonSerializer.SerializeToUtf8Bytes(read, ContractJson.Default.LockEventsRead).Length
            .ShouldBeLessThan(MaxMessageBytes);
        return read;
    }

    private void Open(string session, string owner) => _script.Apply(new LockEntryCommand
    {
        OpenSession = new()
        {
            CommandId = "open-" + session,
            SessionId = session,
            TtlMilliseconds = 15_000,
            Owner = owner,
        },
    });

    private void Acquire(string session, int count, Func<int, AcquireLock> acquire) => _script.Apply(
        [.. Enumerable.Range(0, count).Select(number => new LockEntryCommand
        {
            AcquireLock = acquire(number) with
            {
                CommandId = $"a{number}",
                SessionId = session,
                Sequence = number + 1,
                AnsweredBelow = number + 1,
            },
        })]);
}
