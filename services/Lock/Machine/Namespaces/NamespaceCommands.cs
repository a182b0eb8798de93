using Muster.Contracts.Lock;

namespace Muster.Lock.Machine;

/// <summary>Limits of namespaces: set by an operator, kept to by every acquire and upgrade.</summary>
internal static class NamespaceCommands
{
    public static LockReply SetLimits(Step step, CommandHead head, SetNamespaceLimits command)
    {
        if (LockValidation.Check(command) is { } wrong)
        {
            return step.Refuse(command.CommandId, wrong);
        }
        return ExactlyOnce.Run(step, head, () => SetNew(step, command));
    }

    /// <summary>What tells the command's copies from others.</summary>
    public static string TextOf(SetNamespaceLimits command) =>
        $"{command.Namespace}\n{command.Limits.MaxLocks} {command.Limits.MaxAcquires} "
        + $"{command.Limits.MaxWaiting}";

    /// <summary>
    /// Why there is no room for an acquire, by the first of its namespaces that has none. One of several
    /// names counts for all of them at once, since it is granted all or none.
    /// </summary>
    public static Refusal? CheckRoom(Step step, LockClaim claim)
    {
        foreach (var (limited, names) in LimitedBy(step.State.Locks, claim))
        {
            var newNames = names.Count(name => step.State.Locks.Find(name) is null);
            if (IsPast(limited.Limits.MaxLocks, limited.Locks, newNames))
            {
                return Refuse(
                    step, limited, limited.Locks, "locks in use", newNames, limited.Limits.MaxLocks);
            }
            if (IsPast(limited.Limits.MaxAcquires, limited.Acquires, names.Count))
            {
                return Refuse(
                    step, limited, limited.Acquires, "acquires", names.Count, limited.Limits.MaxAcquires);
            }
        }
        return null;
    }

    /// <summary>As <see cref="CheckRoom"/>, of an acquire that has to wait.</summary>
    public static Refusal? CheckQueue(Step step, LockClaim claim)
    {
        foreach (var (limited, names) in LimitedBy(step.State.Locks, claim))
        {
            if (IsPast(limited.Limits.MaxWaiting, limited.Waiting, names.Count))
            {
                return Refuse(
                    step, limited, limited.Waiting, "waiting acquires", names.Count,
                    limited.Limits.MaxWaiting);
            }
        }
        return null;
    }

    private static LockReply SetNew(Step step, SetNamespaceLimits command)
    {
        var namespaces = step.State.Locks.Namespaces;
        if (command.Limits != NamespaceTable.NoLimits
            && namespaces.LimitedCount >= LockValidation.MaxLimitedNamespaces
            && !namespaces.IsLimited(command.Namespace))
        {
            return step.Refuse(command.CommandId, LockRefusal.LimitReached,
                $"{namespaces.LimitedCount} namespaces have limits, "
                    + $"at most {LockValidation.MaxLimitedNamespaces}.");
        }
        var limited = namespaces.Limit(command.Namespace, command.Limits);
        return new()
        {
            NamespaceLimitsSet = new()
            {
                CommandId = command.CommandId,
                Namespace = limited.Name,
                Limits = limited.Limits,
                Use = limited.Use,
                Groups = step.State.Genesis!.Groups,
                Freshness = step.State.Freshness,
            },
        };
    }

    private static IEnumerable<(LockNamespace Limited, IReadOnlyList<string> Names)> LimitedBy(
        LockTable locks, LockClaim claim)
    {
        if (locks.Namespaces.LimitedCount == 0)
        {
            yield break;
        }
        foreach (var names in claim.Names.GroupBy(LockNamespaces.OfLock))
        {
            if (locks.Namespaces.Find(names.Key) is { } limited)
            {
                yield return (limited, names.ToList());
            }
        }
    }

    private static bool IsPast(long most, long used, int more) => most > 0 && more > 0 && used + more > most;

    private static Refusal Refuse(
        Step step, LockNamespace limited, long used, string what, int more, long most) =>
        new(LockRefusal.LimitReached,
            $"The namespace '{limited.Name}' has {used} {what} in group {step.State.Genesis!.Group}, "
            + $"at most {most}" + (more == 1 ? "." : $"; this acquire needs {more} more."));
}
