using System.Globalization;

namespace Muster.Broker;

/// <summary>
/// The distribution's rabbitmq-server, started privately: own ports, node name, port mapper, cookie and
/// folders, so that a broker the machine already runs neither sees it nor is disturbed.
/// </summary>
internal sealed class DistributionBroker : ControllableBroker
{
    private static readonly string[] ProgramFolders =
        ["/usr/lib/rabbitmq/bin", "/opt/homebrew/sbin", "/usr/local/sbin"];

    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(60);

    private readonly string _folder = Scratch.NewFolder("rabbitmq");
    private readonly int _port = FreePorts.Take();
    private readonly int _portMapperPort = FreePorts.Take();
    private readonly Dictionary<string, string> _environment;
    private ServiceProcess? _portMapper;
    private ServiceProcess? _node;
    private int _nodeProcess;

    private DistributionBroker(BrokerOptions options)
    {
        Uri = new Uri($"amqp://guest:guest@127.0.0.1:{_port}/");
        File.WriteAllText(In("plugins"), options.EventExchange ? "[rabbitmq_event_exchange].\n" : "[].\n");
        File.WriteAllText(
            In("rabbitmq.conf"),
            $"listeners.tcp.local = 127.0.0.1:{_port}\nlog.file.level = warning\n");
        _environment = Environment();
    }

    public static bool IsInstalled => ProgramFolder is not null;

    public override Uri Uri { get; }

    public override string Description =>
        $"the distribution's rabbitmq-server, private, at 127.0.0.1:{_port}";

    private static string? ProgramFolder =>
        Array.Find(ProgramFolders, folder => File.Exists(Path.Combine(folder, "rabbitmq-server")));

    public static async Task<IBroker> StartAsync(BrokerOptions options)
    {
        var broker = new DistributionBroker(options);
        try
        {
            await broker.StartAsync();
            return broker;
        }
        catch
        {
            await broker.DisposeAsync();
            throw;
        }
    }

    public override async Task<string> RabbitmqctlAsync(params string[] arguments)
    {
        await using var command = Launch("rabbitmqctl", Program("rabbitmqctl"), arguments);
        var exitCode = await command.ExitAsync(StopPatience);
        return exitCode == 0 ? command.Output() : throw command.Failure($"ended with {exitCode}");
    }

    public override async ValueTask DisposeAsync()
    {
        if (_node is not null)
        {
            await _node.DisposeAsync();
        }
        if (_portMapper is not null)
        {
            await _portMapper.DisposeAsync();
        }
        Directory.Delete(_folder, recursive: true);
    }

    protected override Task StartNodeAsync()
    {
        _portMapper ??= Launch("epmd", "epmd",
            "-port", _portMapperPort.ToString(CultureInfo.InvariantCulture), "-address", "127.0.0.1");
        // In a session of its own, so that tests/run can end the script and the node under it together.
        _node = Launch("rabbitmq-server", "setsid", Program("rabbitmq-server"));
        return Task.CompletedTask;
    }

    protected override async Task StopNodeAsync()
    {
        await RabbitmqctlAsync("stop");
        await _node!.ExitAsync(StopPatience);
        await _node.DisposeAsync();
    }

    protected override async Task PauseNodeAsync()
    {
        // The script's child, which the script waits for.
        var answer = await RabbitmqctlAsync("eval", "io:format(\"~s\", [os:getpid()]).");
        _nodeProcess = int.Parse(
            new string([.. answer.SkipWhile(c => !char.IsAsciiDigit(c)).TakeWhile(char.IsAsciiDigit)]),
            CultureInfo.InvariantCulture);
        Signals.Stop(_nodeProcess);
    }

    protected override Task ResumeNodeAsync()
    {
        Signals.Continue(_nodeProcess);
        return Task.CompletedTask;
    }

    private static string Program(string name) => Path.Combine(ProgramFolder!, name);

    private string In(string name) => Path.Combine(_folder, name);

    private ServiceProcess Launch(string name, string file, params string[] arguments) =>
        ServiceProcess.Start(new ServiceProcessOptions
        {
            Name = name,
            FileName = file,
            Arguments = arguments,
            Environment = _environment,
        });

    private Dictionary<string, string> Environment() => new()
    {
        ["HOME"] = _folder,
        ["RABBITMQ_NODENAME"] = $"muster{_port}@localhost",
        ["RABBITMQ_DIST_PORT"] = FreePorts.Take().ToString(CultureInfo.InvariantCulture),
        ["ERL_EPMD_PORT"] = _portMapperPort.ToString(CultureInfo.InvariantCulture),
        ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
        ["RABBITMQ_CONF_ENV_FILE"] = In("none"),
        ["RABBITMQ_CONFIG_FILE"] = In("rabbitmq.conf"),
        ["RABBITMQ_CONFIG_FILES"] = In("none.d"),
        ["RABBITMQ_ADVANCED_CONFIG_FILE"] = In("none.config"),
        ["RABBITMQ_ENABLED_PLUGINS_FILE"] = In("plugins"),
        ["RABBITMQ_MNESIA_BASE"] = In("data"),
        ["RABBITMQ_LOG_BASE"] = In("log"),
        ["RABBITMQ_GENERATED_CONFIG_DIR"] = In("generated"),
        ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-kernel inet_dist_use_interface {127,0,0,1}",
    };
}
