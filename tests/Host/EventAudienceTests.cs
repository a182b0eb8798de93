using Muster.Serving;
using Shouldly;
using Xunit;

namespace Muster.Host.Tests;

/// <summary>Which of a turn's events are published while nobody, or somebody, is bound to them.</summary>
public sealed class EventAudienceTests
{
    private readonly List<object> _published = [];
    private readonly HashSet<Type> _bound = [];
    private readonly EventAudience _audience = new();

    private Action<object> Publishing { get; set; } = _ => { };

    [Fact]
    public async Task Events_for_nobody_are_published_once_in_full_and_then_one_a_turn()
    {
        (await TurnAsync(1, 2, 3)).ShouldBeFalse();
        (await TurnAsync(4, 5, 6)).ShouldBeFalse();
        (await TurnAsync(7)).ShouldBeFalse();

        _published.ShouldBe([1, 2, 3, 4, 7]);
    }

    [Fact]
    public async Task Who_binds_between_two_turns_has_all_of_the_second_in_order()
    {
        await TurnAsync(1);
        _bound.Add(typeof(int));

        (await TurnAsync(2, 3, 4)).ShouldBeTrue();
        (await TurnAsync(5, 6)).ShouldBeTrue();

        _published.ShouldBe([1, 2, 3, 4, 5, 6]);
    }

    [Fact]
    public async Task One_contract_without_anybody_holds_up_no_other()
    {
        _bound.Add(typeof(int));
        await TurnAsync("a", 1);

        (await TurnAsync(2, "b", 3, "c", 4)).ShouldBeTrue();

        _published.Except(["a", 1]).ShouldBe(["b", 2, 3, 4]);
    }

    [Fact]
    public async Task Who_goes_is_noticed_and_who_comes_back_is_too()
    {
        _bound.Add(typeof(int));
        await TurnAsync(1);
        _bound.Clear();
        (await TurnAsync(2, 3)).ShouldBeFalse();
        (await TurnAsync(4, 5)).ShouldBeFalse();
        _bound.Add(typeof(int));
        (await TurnAsync(6, 7)).ShouldBeTrue();

        _published.ShouldBe([1, 2, 3, 4, 6, 7]);
    }

    [Fact]
    public async Task The_last_word_of_a_turn_counts_for_the_next()
    {
        Publishing = one => _ = one is 2 ? _bound.Add(typeof(int)) : _bound.Remove(typeof(string));
        _bound.Add(typeof(string));
        (await TurnAsync(1, 2, "a", "b")).ShouldBeTrue();

        (await TurnAsync(3, 4, "c", "d")).ShouldBeTrue();

        _published.ShouldBe([1, 2, "a", "b", "c", 3, 4]);
    }

    [Fact]
    public async Task Equal_events_are_each_published()
    {
        _bound.Add(typeof(string));
        await TurnAsync(new string('x', 1), new string('x', 1));
        _bound.Clear();
        await TurnAsync(1);
        _bound.Add(typeof(int));

        await TurnAsync(2, 2);

        _published.ShouldBe(["x", "x", 1, 2, 2]);
    }

    [Fact]
    public async Task A_turn_that_failed_is_published_again_as_if_it_had_not_been()
    {
        await TurnAsync(1);
        _bound.Add(typeof(int));
        Publishing = one => throw new InvalidOperationException("down");
        await Should.ThrowAsync<InvalidOperationException>(() => TurnAsync(2, 3));
        Publishing = _ => { };

        await TurnAsync(2, 3);

        _published.ShouldBe([1, 2, 3]);
    }

    private Task<bool> TurnAsync(params object[] events) =>
        _audience.PublishAsync(
            [.. events.Select(one => new OutgoingEvent(one.GetType(), _ => PublishAsync(one)))],
            TestContext.Current.CancellationToken);

    private Task<bool> PublishAsync(object one)
    {
        Publishing(one);
        _published.Add(one);
        return Task.FromResult(_bound.Contains(one.GetType()));
    }
}
