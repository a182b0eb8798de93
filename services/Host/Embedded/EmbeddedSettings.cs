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
/// itself or has no use for. That is refused on its command line, and not looked at in the environment, which
/// may be made for the services' own processes.
/// </summary>
internal sealed class EmbeddedSettings
{
    /// <summary>The setting of <see cref="Broker"/>.</summary>
    public const string BrokerName = $"{MusterBusOptions.Section}:{nameof(MusterBusOptions.Uri)}";

    private const string Logging = "Logging";

    private static readonly string[] OfEveryReplica = ["Group", "Replica", "ClusterId"];

    private readonly IConfiguration _configuration;
    private readonly IConfiguration _commandLine;

    /// <exception cref="StartRefusedException">A setting is wrong, misspelled or the host's own.</exception>
    public EmbeddedSettings(IConfiguration configuration, string[] arguments, string dataFolder)
    {
        _configuration = configuration;
        _commandLine = new ConfigurationBuilder().AddCommandLine(arguments).Build();
        RefuseOwn(RedisOptions.Section, [.. NamesOf(RedisOptions.Section)]);
        RefuseOwn(NodeOptions.Section, [.. NamesOf(NodeOptions.Section)]);
        Lock = Read<LockServiceOptions>(
            LockServiceOptions.Section, [.. OfEveryReplica, nameof(LockServiceOptions.HistoryFolder)],
            options => options with
            {
                Replica = EmbeddedHost.Replicas[0],
                HistoryFolder = Path.Combine(dataFolder, "history"),
            },
            LockServiceOptions.Problems);
        Consensus = Read<ConsensusOptions>(
            ConsensusOptions.Section,
            [
                nameof(ConsensusOptions.Node), nameof(ConsensusOptions.Members),
                nameof(ConsensusOptions.ClusterId), nameof(ConsensusOptions.Bootstrap),
                nameof(ConsensusOptions.Join), nameof(ConsensusOptions.Groups),
                nameof(ConsensusOptions.OpenGroups), nameof(ConsensusOptions.DataFolder),
            ],
            options => options with
            {
                Node = EmbeddedHost.Nodes[0],
                Members = [.. EmbeddedHost.Nodes],
                // They may keep more than are in use, as processes of theirs may.
                LockGroups = options.LockGroups < 1 ? options.LockGroups
                    : Math.Max(Lock.Groups, options.LockGroups),
                Bootstrap = true,
                DataFolder = dataFolder,
            },
            ConsensusOptions.Problems);
        Decisions = Read<DecisionsOptions>(
            DecisionsOptions.Section, OfEveryReplica, options => options, DecisionsOptions.Problems);
        Registry = Read<RegistryServiceOptions>(
            RegistryServiceOptions.Section, OfEveryReplica,
            options => options with { Replica = EmbeddedHost.Replicas[0] }, RegistryServiceOptions.Problems);
        Recovery = Read<RecoveryServiceOptions>(
            RecoveryServiceOptions.Section,
            [
                .. OfEveryReplica, nameof(RecoveryServiceOptions.BackupFolder),
                nameof(RecoveryServiceOptions.BackupGroups), nameof(RecoveryServiceOptions.LockGroups),
            ],
            options => options with
            {
                Replica = EmbeddedHost.Replicas[0],
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
        Logging,
    ];

    /// <summary>The broker's address, as it was written; null: there is none.</summary>
    public string? Broker => _commandLine[BrokerName];

    /// <summary>Whether the command line says what is logged.</summary>
    public bool HasLogging => NamesOf(Logging).Any();

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

    /// <summary>Of a section, on the command line.</summary>
    private IEnumerable<string> NamesOf(string section) =>
        _commandLine.GetSection(section).GetChildren().Select(child => child.Key);

    private void RefuseOwn(string section, string[] own)
    {
        if (NamesOf(section).FirstOrDefault(name => IsAmong(own, name)) is { } refused)
        {
            throw new StartRefusedException($"{section}:{refused} is not for the embedded host, which "
                + "decides it itself or has no use for it.");
        }
    }

    private T Read<T>(
        string section, string[] own, Func<T, T> complete, Func<T, IEnumerable<string>> problems)
        where T : class, new()
    {
        RefuseOwn(section, own);
        var read = _configuration.GetSection(section).GetChildren()
            .Where(child => !IsAmong(own, child.Key))
            .SelectMany(child => child.AsEnumerable()).Where(pair => pair.Value is not null);
        var options = new T();
        try
        {
            new ConfigurationBuilder().AddInMemoryCollection(read).Build().BindOptions(section, options);
        }
        catch (OptionsValidationException refused)
        {
            throw new StartRefusedException(refused.Message, refused);
        }
        var completed = complete(options);
        var found = problems(completed).ToList();
        return found.Count == 0 ? completed : throw new StartRefusedException(string.Join('\n', found));
    }

    private static bool IsAmong(string[] names, string name) =>
        names.Contains(name, StringComparer.OrdinalIgnoreCase);
}
