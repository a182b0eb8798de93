using Muster.Contracts.Registry;

namespace Muster.Registry.Machine;

internal static class ConfigCommands
{
    public static RegistryReply Put(Step step, CommandHead head, PutConfig put)
    {
        if (RegistryValidation.Check(put) is { } wrong)
        {
            return step.Refuse(put.CommandId, wrong);
        }
        return ExactlyOnce.Run(step, head, () =>
        {
            var current = step.State.Config.Find(put.Key);
            if (CheckVersion(put.Key, put.ExpectedVersion, current) is { } mismatch)
            {
                return step.Refuse(put.CommandId, mismatch, current);
            }
            if ((CheckRoom(step, put, current) ?? step.CheckOutbox()) is { } full)
            {
                return step.Refuse(put.CommandId, full);
            }
            var entry = new ConfigEntry
            {
                Key = put.Key,
                Value = put.Value,
                Version = step.State.NextVersion(),
                ChangedAt = step.Index,
            };
            step.State.Config.Set(entry);
            Publish(step, put.Key, entry);
            return Written(step, put.CommandId, put.Key, entry.Version);
        });
    }

    public static RegistryReply Delete(Step step, CommandHead head, DeleteConfig delete)
    {
        if (RegistryValidation.Check(delete) is { } wrong)
        {
            return step.Refuse(delete.CommandId, wrong);
        }
        return ExactlyOnce.Run(step, head, () =>
        {
            var current = step.State.Config.Find(delete.Key);
            if (CheckVersion(delete.Key, delete.ExpectedVersion, current) is { } mismatch)
            {
                return step.Refuse(delete.CommandId, mismatch, current);
            }
            if (current is not null)
            {
                step.State.NextVersion(); // a deletion is a write of the group too
                step.State.Config.Remove(delete.Key);
                Publish(step, delete.Key, null);
            }
            return Written(step, delete.CommandId, delete.Key, 0);
        });
    }

    private static Refusal? CheckVersion(string key, long? expected, ConfigEntry? current)
    {
        var version = current?.Version ?? 0;
        return expected is null || expected == version ? null
            : new(RegistryRefusal.VersionMismatch,
                version == 0
                    ? $"There is no {key}, and version {expected} is expected."
                    : $"{key} has version {version}, not {expected}.");
    }

    private static Refusal? CheckRoom(Step step, PutConfig put, ConfigEntry? current)
    {
        var (config, limits) = (step.State.Config, step.Limits);
        if (current is null && config.Count >= limits.MaxConfigKeys)
        {
            return new(RegistryRefusal.LimitReached,
                $"There are {config.Count} keys, at most {limits.MaxConfigKeys}.");
        }
        var replaced = current is null ? 0 : SizeOf.Entry(current);
        var bytes = config.Bytes + SizeOf.Entry(put.Key, put.Value) - replaced;
        return bytes <= limits.MaxConfigBytes || bytes <= config.Bytes ? null
            : new(RegistryRefusal.LimitReached,
                $"The configuration would take {bytes} bytes, at most {limits.MaxConfigBytes}.");
    }

    private static void Publish(Step step, string key, ConfigEntry? entry)
    {
        var id = step.NextEvent();
        step.Publish(id, new() { ConfigChanged = new() { Key = key, Entry = entry, Event = id } });
    }

    private static RegistryReply Written(Step step, string commandId, string key, long version) => new()
    {
        ConfigWritten = new()
        {
            CommandId = commandId,
            Key = key,
            Version = version,
            Freshness = step.State.Freshness,
        },
    };
}
