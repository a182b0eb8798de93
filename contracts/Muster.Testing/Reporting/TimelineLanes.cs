namespace Muster.Testing;

/// <summary>
/// The rows of a drawing: one for each process, and more where an operation of unknown outcome stays open
/// while its process goes on.
/// </summary>
internal sealed record TimelineLane(long Process, IReadOnlyList<Operation> Operations);

internal static class TimelineLanes
{
    public static IReadOnlyList<TimelineLane> Of(IEnumerable<Operation> operations) =>
        [.. operations.GroupBy(operation => operation.Process)
            .OrderBy(process => process.Key)
            .SelectMany(process => Rows(process.Key, process))];

    private static List<TimelineLane> Rows(long process, IEnumerable<Operation> operations)
    {
        var rows = new List<List<Operation>>();
        foreach (var operation in operations.OrderBy(operation => operation.InvokedAt))
        {
            var free = rows.Find(row => row[^1].CompletedAt < operation.InvokedAt);
            if (free is null)
            {
                rows.Add(free = []);
            }
            free.Add(operation);
        }
        return [.. rows.Select(row => new TimelineLane(process, row))];
    }
}
