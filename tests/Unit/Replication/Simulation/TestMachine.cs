using Muster.Replication.Core;

namespace Muster.Unit.Tests.Replication.Simulation;

internal sealed record TestCommand(string Id, int Value);

internal enum TestOutcome
{
    Added,
    Repeated,
    TooOld,
    Full,
}

internal sealed record TestEffect(string Id, TestOutcome Outcome, long Sum);

/// <summary>
/// Adds numbers, remembers command ids, and forgets each number some time later, so that it has deadlines.
/// </summary>
internal sealed class TestMachine(long windowMilliseconds = 600_000, long? lifetimeMilliseconds = null)
    : IStateMachine<TestEffect>
{
    private MachineClock _clock = new();
    private CommandIdWindow<long> _seen = new(windowMilliseconds, 10_000);
    private List<(string Id, long ExpiresAt)> _added = [];

    public long Time => _clock.Time;

    public bool IsInitialized => true;

    public long Sum { get; private set; }

    public long Expired { get; private set; }

    /// <summary>Makes Apply throw on a command with this id.</summary>
    public string? PoisonId { get; init; }

    /// <summary>Makes this machine count a command of this id as one more, and so differ.</summary>
    public string? SkewId { get; init; }

    public MachineVersions Versions { get; init; } = MachineVersions.First;

    /// <summary>The version in force at the last entry.</summary>
    public int Version { get; private set; } = 1;

    /// <summary>Commands of version 2; only snapshots of that version have the number.</summary>
    public int NewCommands { get; private set; }

    /// <summary>Ends every snapshot, and means nothing.</summary>
    public byte[] Ballast { get; set; } = [];

    public IEnumerable<string> AddedIds => _added.Select(added => added.Id);

    public long? NextDeadline =>
        lifetimeMilliseconds is null || Expired == _added.Count ? null : _added[(int)Expired].ExpiresAt;

    public static int VersionOf(TestCommand command) =>
        command.Id.StartsWith("v2-", StringComparison.Ordinal) ? 2 : 1;

    public static byte[] Encode(IReadOnlyList<TestCommand> commands)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(commands.Count);
        foreach (var command in commands)
        {
            writer.Write(command.Id);
            writer.Write(command.Value);
        }
        return stream.ToArray();
    }

    public IReadOnlyList<TestEffect> Apply(AppliedEntry entry)
    {
        Version = entry.Version;
        var now = _clock.Advance(entry.LogTime);
        _seen.Expire(now);
        while (NextDeadline is { } deadline && deadline <= now)
        {
            Expired++;
        }
        var effects = new List<TestEffect>();
        if (!entry.Body.IsEmpty)
        {
            using var reader = new BinaryReader(new MemoryStream(entry.Body.ToArray()));
            var isTooOld = ProposalAge.IsTooOld(entry.IssuedAt, now, windowMilliseconds);
            for (var left = reader.ReadInt32(); left > 0; left--)
            {
                effects.Add(Apply(new(reader.ReadString(), reader.ReadInt32()), now, isTooOld));
            }
        }
        return effects;
    }

    public byte[] TakeSnapshot()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write((byte)Version);
        if (Version > 1)
        {
            writer.Write(NewCommands);
        }
        writer.Write(_clock.Time);
        writer.Write(_clock.LastLogTime);
        writer.Write(Sum);
        writer.Write(Expired);
        writer.Write(_added.Count);
        foreach (var (id, expiresAt) in _added)
        {
            writer.Write(id);
            writer.Write(expiresAt);
        }
        writer.Write(_seen.Count);
        foreach (var (id, recordedAt, result) in _seen.Items)
        {
            writer.Write(id);
            writer.Write(recordedAt);
            writer.Write(result);
        }
        writer.Write(Ballast);
        return stream.ToArray();
    }

    public void Restore(ReadOnlySpan<byte> snapshot)
    {
        using var reader = new BinaryReader(new MemoryStream(snapshot.ToArray()));
        Version = reader.ReadByte();
        if (!Versions.Has(Version))
        {
            throw new FormatException($"Version {Version}");
        }
        NewCommands = Version > 1 ? reader.ReadInt32() : 0;
        _clock = new(reader.ReadInt64(), reader.ReadInt64());
        Sum = reader.ReadInt64();
        Expired = reader.ReadInt64();
        var added = reader.ReadInt32();
        _added = [.. Enumerable.Range(0, added).Select(_ => (reader.ReadString(), reader.ReadInt64()))];
        var seen = Enumerable.Range(0, reader.ReadInt32())
            .Select(_ => new RememberedCommand<long>(
                reader.ReadString(), reader.ReadInt64(), reader.ReadInt64()));
        _seen = new(seen, windowMilliseconds, 10_000);
    }

    public ulong Digest() => StateDigest.Of(TakeSnapshot());

    private TestEffect Apply(TestCommand command, long now, bool isTooOld)
    {
        if (command.Id == PoisonId)
        {
            throw new InvalidOperationException("poisoned");
        }
        var seen = _seen.Find(command.Id);
        if (isTooOld || seen.Kind != CommandLookupKind.New)
        {
            var outcome = isTooOld ? TestOutcome.TooOld
                : seen.Kind == CommandLookupKind.Full ? TestOutcome.Full
                : TestOutcome.Repeated;
            return new(command.Id, outcome, seen.Result);
        }
        if (VersionOf(command) > Version)
        {
            throw new InvalidOperationException($"{command.Id} at version {Version}");
        }
        NewCommands += VersionOf(command) - 1;
        Sum += command.Value + (command.Id == SkewId ? 1 : 0);
        _added.Add((command.Id, now + (lifetimeMilliseconds ?? 0)));
        _seen.Record(command.Id, now, Sum);
        return new(command.Id, TestOutcome.Added, Sum);
    }
}
