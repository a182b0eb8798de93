using System.Runtime.CompilerServices;

namespace Muster.Client;

/// <summary>A page of one lock group's list; the items are in ordinal order of their keys.</summary>
internal sealed record GroupPage<T>(IReadOnlyList<T> Items, bool HasMore, int Groups);

/// <summary>The lists of all lock groups as one, in ordinal order, then in that of the groups.</summary>
internal sealed class GroupPages<T>(
    Func<T, string> key, Func<int, T?, CancellationToken, Task<GroupPage<T>>> read)
    where T : class
{
    private static readonly Comparer<(string Key, int Group)> InOrder =
        Comparer<(string Key, int Group)>.Create((left, right) =>
            string.CompareOrdinal(left.Key, right.Key) is var order and not 0
                ? order
                : left.Group.CompareTo(right.Group));

    public async IAsyncEnumerable<T> ReadAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var first = await read(0, null, cancellationToken).ConfigureAwait(false);
        var pages = new GroupPage<T>[Math.Max(1, first.Groups)];
        var next = new PriorityQueue<(int Group, int Place), (string Key, int Group)>(InOrder);
        for (var group = 0; group < pages.Length; group++)
        {
            Turn(
                group,
                group == 0 ? first : await read(group, null, cancellationToken).ConfigureAwait(false));
        }
        while (next.TryDequeue(out var at, out _))
        {
            var item = pages[at.Group].Items[at.Place];
            yield return item;
            if (at.Place + 1 < pages[at.Group].Items.Count)
            {
                Offer(at.Group, at.Place + 1);
            }
            else if (pages[at.Group].HasMore)
            {
                Turn(at.Group, await read(at.Group, item, cancellationToken).ConfigureAwait(false));
            }
        }

        void Turn(int group, GroupPage<T> page)
        {
            pages[group] = page;
            if (page.Items.Count > 0)
            {
                Offer(group, 0);
            }
        }

        void Offer(int group, int place) =>
            next.Enqueue((group, place), (key(pages[group].Items[place]), group));
    }
}
