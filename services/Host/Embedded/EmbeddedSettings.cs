using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Muster.Consensus;
using Muster.Decisions;
using Muster.Detector;
using Muster.Hosting;
using Muster.Lock;
using Muster.Recovery;
using Muster.Registry;
using Muster.Views;

namespace Muster.Host.Embedded;

/// <summary>
/// The sections of the services, each as its own process takes it, but for what the embedded host decides
/// itself: a setting of that kind is refused, as is one of what an embedded host has not.
/// </summary>
internal sealed class EmbeddedSettings
{
    private static readonly string[] OfEveryReplica = ["Group", "Replica", "ClusterId"];

    /// <summary>What it has not, and why; no name stands for all of the section.</summary>
    private static readonly (string Section, string Name, string Why)[] Absent =
    [
        (MusterBusOptions.Section, nameof(MusterBusOptions.Uri),
            "has no broker: start the services' own processes to use one"),
        (RedisOptions.Section, "", "keeps its views in memory"),
        (NodeOptions.Section, "", "sends no heartbeats of its own"),
    ];

    private readonly IConfiguration _configuration;

    /// <exception cref="StartRefusedException">A setting is wrong, misspelled or the host's own.</exception>
    public EmbeddedSettings(IConfiguration configuration, string dataFolder)
    {
        _configuration = configuration;
        foreach (var (section, name, why) in Absent)
        {
            var found = name.Length == 0 ? section : $"{section}:{name}";
            if (configuration.GetSection(found).Exists())
            {
                throw new StartRefusedException($"{found} is set, but the embedded host {why}.");
            }
        }
        Lock = Read<LockServiceOptions>(
            LockServiceOptions.Section, [.. OfEveryReplica, nameof(LockServiceOptions.HistoryFolder)],
            options => options with { HistoryFolder = Path.Combine(dataFolder, "history") },
            LockServiceOptions.Problems);
        Consensus = Read<ConsensusOptions>(
            ConsensusOptions.Section,
            [
                nameof(ConsensusOptions.Node), nameof(ConsensusOptions.Members),
                nameof(ConsensusOptions.ClusterId), nameof(ConsensusOptions.Bootstrap),
                nameof(ConsensusOptions.Join), nameof(ConsensusOptions.Groups),
                nameof(ConsensusOptions.DataFolder),
            ],
            // The nodes may keep more lock groups than are in use, as a process of theirs may.
            options => options with
            {
                Node = EmbeddedHost.Nodes[0],
                Members = [.. EmbeddedHost.Nodes],
                LockGroups = Math.Max(Lock.Groups, options.LockGroups),
                Bootstrap = true,
                DataFolder = dataFolder,
            },
            ConsensusOptions.Problems);
        Decisions = Read<DecisionsOptions>(
            DecisionsOptions.Section, OfEveryReplica, options => options, DecisionsOptions.Problems);
        Registry = Read<RegistryServiceOptions>(
            RegistryServiceOptions.Section, OfEveryReplica, options => options,
            RegistryServiceOptions.Problems);
        Recovery = Read<RecoveryServiceOptions>(
            RecoveryServiceOptions.Section,
            [
                .. OfEveryReplica, nameof(RecoveryServiceOptions.BackupFolder),
                nameof(RecoveryServiceOptions.LockGroups),
            ],
            options => options with
            {
                BackupFolder = Path.Combine(dataFolder, "backups"),
                LockGroups = Lock.Groups,
            },
            RecoveryServiceOptions.Problems);
        Detector = Read<DetectorOptions>(
            DetectorOptions.Section,
            [.. OfEveryReplica, nameof(DetectorOptions.Instance), nameof(DetectorOptions.Instances)],
            options => options with
            {
                Instance = EmbeddedHost.Detectors[0],
                Instances = [.. EmbeddedHost.Detectors],
            },
            DetectorOptions.Problems);
    }

    /// <summary>The sections that a setting on the command line may belong to.</summary>
    public static IReadOnlyList<string> Sections { get; } =
    [
        HealthOptions.Section, TelemetryOptions.Section, MusterBusOptions.Section, ConsensusOptions.Section,
        DecisionsOptions.Section, LockServiceOptions.Section, RegistryServiceOptions.Section,
        RecoveryServiceOptions.Section, DetectorOptions.Section, RedisOptions.Section, NodeOptions.Section,
        "Logging",
    ];

    public ConsensusOptions Consensus { get; }

    public DecisionsOptions Decisions { get; }

    public LockServiceOptions Lock { get; }

    public RegistryServiceOptions Registry { get; }

    public RecoveryServiceOptions Recovery { get; }

    public DetectorOptions Detector { get; }

    /// <summary>
    /// The first argument that is no setting, as <c>--Lock:Groups=4</c> or <c>--Lock:Groups 4</c> are; null
    /// if all are.
    /// </summary>
    public static string? FindForeign(IReadOnlyList<string> arguments)
    {
        for (var i = 0; i < arguments.Count; i++)
        {
            var isWhole = arguments[i].Contains('=', StringComparison.Ordinal);
            if (!IsSetting(arguments[i]) || (!isWhole && i + 1 == arguments.Count)) return arguments[i];
            if (!isWhole) i++;
        }
        return null;
    }

    private static bool IsSetting(string argument) => Sections.Any(
        section => argument.StartsWith($"--{section}:", StringComparison.OrdinalIgnoreCase));

    private T Read<T>(
        string section, string[] own, Func<T, T> complete, Func<T, IEnumerable<string>> problems)
        where T : class, new()
    {
        foreach (var name in own)
        {
            if (_configuration.GetSection(section).GetSection(name).Exists())
            {
                throw new StartRefusedException(
                    $"{section}:{name} is set, but the embedded host decides it itself.");
            }
        }
        var options = new T();
        try
        {
            _configuration.BindOptions(section, options);
        }
        catch (OptionsValidationException refused)
        {
            throw new StartRefusedException(refused.Message, refused);
        }
        var completed = complete(options);
        var found = problems(completed).ToList();
        return found.Count == 0 ? completed : throw new StartRefusedException(string.Join('\n', found));
    }
}
