using System.Text.Json;

namespace Muster.Cluster;

/// <summary>What a consensus node says of itself and its <c>lock</c> group.</summary>
public sealed record ConsensusReport(
    Service Service, string Role, string Leader, long Term, long FirstIndex, long LastIndex, long CommitIndex,
    long Commits, long Hints)
{
    public bool IsLeader => Role == "Leader";

    public static async Task<ConsensusReport?> AskAsync(Service service)
    {
        if (await service.StatusAsync("consensus.") is not { } status
            || status.GetProperty("groups").GetArrayLength() == 0)
        {
            return null;
        }
        var group = status.GetProperty("groups")[0];
        return new(
            service, group.GetProperty("role").GetString()!, Text(group, "leader"), Number(group, "term"),
            Number(group, "firstIndex"), Number(group, "lastIndex"), Number(group, "commitIndex"),
            Number(status, "commits"), Number(status, "hints"));
    }

    private static long Number(JsonElement element, string property) =>
        element.GetProperty(property).GetInt64();

    private static string Text(JsonElement element, string property) =>
        element.TryGetProperty(property, out var value) ? value.GetString() ?? "" : "";
}
