using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Muster.Bus;
using Muster.Contracts;
using Muster.Contracts.Recovery;
using Muster.Hosting;

namespace Muster.Recovery.Backups;

/// <summary>
/// Backs groups up to one checksummed file, and puts them back. One command at a time: each handles the
/// states of all groups in memory.
/// </summary>
public sealed partial class BackupService(
    RecoveryServiceOptions options, GroupStates states, Func<IBusLink> link, Func<IReplySender> sender,
    TimeProvider time, ILogger<BackupService> logger) : IDisposable
{
    private const int MaxWaiting = 16;
    private const int MaxIdCharacters = 128;

    private readonly BackupFolder _folder = new(options.BackupFolder);
    private readonly SemaphoreSlim _one = new(1);
    private int _waiting;

    public Task BackUpAsync(BackupNow command, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(command);
        return TakeAsync(
            command.CommandId, command.ReplyTo, () => BackUpAsyncCore(command, cancellationToken),
            cancellationToken);
    }

    public Task ListAsync(ListBackups command, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(command);
        return TakeAsync(
            command.CommandId, command.ReplyTo,
            () => Task.FromResult<object>(
                new BackupsListed { CommandId = command.CommandId, Backups = _folder.List() }),
            cancellationToken);
    }

    public Task RestoreAsync(Restore command, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(command);
        return TakeAsync(
            command.CommandId, command.ReplyTo, () => RestoreAsyncCore(command, cancellationToken),
            cancellationToken);
    }

    public void Dispose() => _one.Dispose();

    /// <summary>Answers the command; whatever the disk does becomes an answer.</summary>
    private async Task TakeAsync(
        string commandId, ReplyAddress? to, Func<Task<object>> act, CancellationToken cancellationToken)
    {
        object answer;
        if (commandId.Length is 0 or > MaxIdCharacters)
        {
            answer = Refuse(commandId, RecoveryRefusal.CommandIdInvalid,
                $"The command id has {commandId.Length} characters, not 1 to {MaxIdCharacters}.");
        }
        else if (Interlocked.Increment(ref _waiting) > MaxWaiting)
        {
            Interlocked.Decrement(ref _waiting);
            answer = Refuse(commandId, RecoveryRefusal.Overloaded,
                $"{MaxWaiting} backup commands wait already; send again later.");
        }
        else
        {
            answer = await RunAsync(commandId, act, cancellationToken);
        }
        if (to is not null)
        {
            sender().Send(to, answer);
        }
    }

    private async Task<object> RunAsync(
        string commandId, Func<Task<object>> act, CancellationToken cancellationToken)
    {
        try
        {
            await _one.WaitAsync(cancellationToken);
            try
            {
                return await act();
            }
            finally
            {
                _one.Release();
            }
        }
        catch (BackupDamagedException damaged)
        {
            LogFailed(commandId, damaged.Message);
            return Refuse(commandId, RecoveryRefusal.BackupDamaged, damaged.Message);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            LogFailed(commandId, failed.Message);
            return Refuse(commandId, RecoveryRefusal.StorageFailed, failed.Message);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    private async Task<object> BackUpAsyncCore(BackupNow command, CancellationToken cancellationToken)
    {
        var groups = command.Groups.Count == 0 ? options.GroupsToBackUp : command.Groups;
        if (groups.Count > BackupFile.MaxGroups || !groups.All(RecoveryServiceOptions.IsGroupName)
            || groups.Distinct(StringComparer.Ordinal).Count() != groups.Count)
        {
            return Refuse(command.CommandId, RecoveryRefusal.ArgumentInvalid,
                $"Groups are 1 to {BackupFile.MaxGroups} names, each once, of 1 to 64 of a-z, A-Z, 0-9, "
                + "hyphen and underscore.");
        }
        if (_folder.Find(command.CommandId) is { } first)
        {
            return await RepeatAsync(command, groups, first.Name, first.Header, cancellationToken);
        }
        var reads = await Task.WhenAll(groups.Select(group => states.ReadAsync(group, cancellationToken)));
        var saved = new List<SavedState>();
        var missing = new List<MissingGroup>();
        foreach (var (group, read) in groups.Zip(reads))
        {
            if (read.Done is { } done)
            {
                saved.Add(new(done.Summary, done.State));
                continue;
            }
            var why = $"The state of {group} could not be read within {options.StateTimeout}: "
                + (read.Refused?.Message ?? "no replica answered.");
            LogMissing(group, why);
            missing.Add(new() { Group = group, Message = why });
        }
        if (saved.Count == 0)
        {
            return Refuse(command.CommandId, RecoveryRefusal.GroupUnavailable,
                string.Join(" ", missing.Select(group => group.Message)));
        }
        var name = BackupFolder.NameOf(time.GetUtcNow(), options.ClusterId);
        var about = new BackupHeader
        {
            Cluster = options.ClusterId,
            CommandId = command.CommandId,
            Missing = [.. missing.Select(group => group.Group)],
        };
        _folder.Write(name, BackupFile.Write(about, saved), time.GetUtcNow());
        var completed = new BackupCompleted
        {
            CommandId = command.CommandId,
            Backup = new() { Name = name, Groups = [.. saved.Select(state => state.Summary)] },
            Missing = missing,
        };
        LogBackedUp(name, saved.Count, saved.Sum(state => state.Summary.Bytes));
        await TellAsync(completed, cancellationToken);
        return completed;
    }

    /// <summary>Its first copy has written it, and may not have told anybody.</summary>
    private async Task<object> RepeatAsync(
        BackupNow command, IReadOnlyList<string> groups, string name, BackupHeader header,
        CancellationToken cancellationToken)
    {
        var first = header.Groups.Select(group => group.Group).Concat(header.Missing);
        if (!first.ToHashSet(StringComparer.Ordinal).SetEquals(groups))
        {
            return Refuse(command.CommandId, RecoveryRefusal.CommandIdInvalid,
                $"The id {command.CommandId} is that of the backup {name}, of other groups.");
        }
        BackupFile.Read(_folder.Read(name)); // the first may have been refused for what it read back
        var completed = new BackupCompleted
        {
            CommandId = command.CommandId,
            Backup = new() { Name = name, Groups = header.Groups },
            Missing =
            [
                .. header.Missing.Select(group => new MissingGroup
                {
                    Group = group,
                    Message = $"The state of {group} could not be had when {name} was written.",
                }),
            ],
        };
        await TellAsync(completed, cancellationToken);
        return completed;
    }

    private async Task<object> RestoreAsyncCore(Restore command, CancellationToken cancellationToken)
    {
        if (_folder.Read(command.Backup) is not { } bytes)
        {
            return Refuse(command.CommandId, RecoveryRefusal.BackupUnknown,
                $"There is no backup '{command.Backup}'.");
        }
        // All of it is verified before the first group is touched.
        var saved = BackupFile.Read(bytes);
        var missing = command.Groups.FirstOrDefault(
            group => !saved.Any(state => state.Summary.Group == group));
        if (missing is not null)
        {
            return Refuse(command.CommandId, RecoveryRefusal.BackupUnknown,
                $"The backup {command.Backup} has no group '{missing}'.");
        }
        var wanted = saved.Where(
            state => command.Groups.Count == 0 || command.Groups.Contains(state.Summary.Group));
        var restored = new List<GroupStateRestored>();
        foreach (var state in wanted)
        {
            var group = state.Summary.Group;
            var answer = await states.RestoreAsync(
                IdOf(command, group), state, cancellationToken);
            if (answer.Done is not { } done)
            {
                return Unfinished(command, group, answer.Refused, restored);
            }
            restored.Add(done);
        }
        var completed = new RestoreCompleted
        {
            CommandId = command.CommandId,
            Backup = command.Backup,
            Groups = restored,
        };
        LogRestored(command.Backup, string.Join(", ", restored.Select(group => group.Group)));
        await TellAsync(completed, cancellationToken);
        return completed;
    }

    /// <summary>
    /// The group's own, the same in each repeat; a long one is shortened, since with the group's name it must
    /// not be longer than any id.
    /// </summary>
    private static string IdOf(Restore command, string group)
    {
        var id = $"{command.CommandId}/{group}";
        return id.Length <= MaxIdCharacters ? id : $"{IdHash(command.CommandId)}/{group}";
    }

    private static string IdHash(string commandId) => Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes(commandId)).AsSpan(0, 16));

    private static object Unfinished(
        Restore command, string group, GroupStateRefused? refused, List<GroupStateRestored> restored)
    {
        var done = restored.Count == 0
            ? "nothing was changed before it"
            : $"restored before it: {string.Join(", ", restored.Select(one => one.Group))}";
        return refused is { IsUnknown: false }
            ? Refuse(command.CommandId, RecoveryRefusal.GroupUnavailable,
                $"{group} refuses the state ({done}): {refused.Message}")
            : new RecoveryUnknown
            {
                CommandId = command.CommandId,
                Message = $"{group} did not say in time whether it was restored ({done}); send the command "
                    + "again with the same id.",
            };
    }

    /// <summary>The event; the answer is what counts.</summary>
    private async Task TellAsync<T>(T completed, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            await link().PublishEventAsync(completed, cancellationToken);
        }
        catch (EventNotPublishedException failed)
        {
            LogNotTold(failed.Message);
        }
    }

    private static RecoveryRefused Refuse(string commandId, RecoveryRefusal reason, string message) =>
        new() { CommandId = commandId, Reason = reason, Message = message };

    [LoggerMessage(7211, LogLevel.Information, "Backup {Name}: {Groups} groups, {Bytes} bytes")]
    private partial void LogBackedUp(string name, int groups, long bytes);

    [LoggerMessage(7212, LogLevel.Warning, "Backup {Name} is restored: {Groups}")]
    private partial void LogRestored(string name, string groups);

    [LoggerMessage(7213, LogLevel.Error, "Command {CommandId} on backups failed: {Why}")]
    private partial void LogFailed(string commandId, string why);

    [LoggerMessage(7215, LogLevel.Error, "The group {Group} is missing in a backup: {Why}")]
    private partial void LogMissing(string group, string why);

    [LoggerMessage(7214, LogLevel.Warning, "A finished backup or restore was not published: {Why}")]
    private partial void LogNotTold(string why);
}
