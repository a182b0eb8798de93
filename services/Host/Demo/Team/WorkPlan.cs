using System.Text.Json;

namespace Muster.Host.Demo.Team;

/// <summary>
/// Who does what. The leader keeps it as its standby group's state before it hands it out, so a successor
/// goes on with it.
/// </summary>
public sealed record WorkPlan
{
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Items { get; init; } =
        new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Deals the items out one by one, in the workers' order.</summary>
    public static WorkPlan Deal(IReadOnlyList<string> items, IReadOnlyList<string> workers) => new()
    {
        Items = workers.Select((worker, at) => (worker, at)).ToDictionary(
            entry => entry.worker,
            entry => (IReadOnlyList<string>)[.. items.Where((_, i) => i % workers.Count == entry.at)]),
    };

    public static WorkPlan Read(byte[] state) => JsonSerializer.Deserialize<WorkPlan>(state)!;

    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this);

    /// <summary>It names exactly these workers.</summary>
    public bool IsFor(IReadOnlyCollection<string> workers) =>
        workers.Count == Items.Count && workers.All(Items.ContainsKey);
}
