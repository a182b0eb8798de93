using System.Diagnostics;

namespace Muster.Broker;

/// <summary>What a user may do, as the regular expressions of names that a broker takes.</summary>
public sealed record BrokerRights(string Configure, string Write, string Read);

/// <summary>
/// The users that <c>compose/rabbitmq/create-users.sh</c> makes: the script itself runs, and what it would
/// tell rabbitmqctl is written down.
/// </summary>
public sealed class BrokerUsers
{
    /// <summary>Everybody's.</summary>
    public const string Password = "test";

    private const string Recorder = """
        rabbitmqctl() { printf '%s\0' "$@" >> "$RECORD"; echo >> "$RECORD"; }; . "$0"
        """;

    private static readonly string[] Options = ["--quiet", "--node", "rabbit@rabbitmq"];

    private readonly List<string[]> _commands;

    private BrokerUsers(List<string[]> commands)
    {
        _commands = commands;
        Rights = commands.Where(command => command[0] == "set_permissions").ToDictionary(
            command => command[3], command => new BrokerRights(command[4], command[5], command[6]));
    }

    /// <summary>By user.</summary>
    public IReadOnlyDictionary<string, BrokerRights> Rights { get; }

    /// <summary>Those of a cluster; by default of the one whose names have no prefix.</summary>
    public static async Task<BrokerUsers> ReadAsync(string cluster = "muster")
    {
        var record = Path.Combine(Scratch.NewFolder("users"), "record");
        var start = new ProcessStartInfo(
            "sh", ["-c", Recorder, RepositoryRoot.Combine("compose", "rabbitmq", "create-users.sh")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["RECORD"] = record;
        start.Environment["MUSTER_CLUSTER"] = cluster;
        foreach (var user in new[] { "CONSENSUS", "LOCK", "REGISTRY", "DETECTOR", "RECOVERY", "APP" })
        {
            start.Environment[user + "_PASSWORD"] = Password;
        }
        using var script = Process.Start(start)!;
        var output = await script.StandardError.ReadToEndAsync();
        await script.WaitForExitAsync();
        return script.ExitCode != 0 ? throw new InvalidOperationException(output) : new(
        [
            .. (await File.ReadAllTextAsync(record)).Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line.TrimEnd('\0').Split('\0')[Options.Length..]),
        ]);
    }

    public static Uri UriOf(IBroker broker, string user) =>
        new UriBuilder(broker.Uri) { UserName = user, Password = Password }.Uri;

    /// <summary>Makes them on a broker of the test's own.</summary>
    public async Task CreateAsync(IBroker broker)
    {
        foreach (var command in _commands.Where(command => command[0] is "add_user" or "set_permissions"))
        {
            await broker.RabbitmqctlAsync(command);
        }
    }
}
