using Muster.Contracts.Registry;
using Muster.Replication.Core;

namespace Muster.Registry.Machine;

/// <summary>
/// Runs a command unless it ran before, and keeps its answer for its duplicates by command id. Refusals are
/// kept too: a client that was told "another version" must not overwrite by a late copy. Not kept: what
/// depends on nothing but the command, and what finds no place to be kept in.
/// </summary>
internal static class ExactlyOnce
{
    public static RegistryReply Run(Step step, CommandHead head, Func<RegistryReply> act)
    {
        var answers = step.State.Answers;
        var most = PlacesFor(head.Subject.Kind, answers.Capacity);
        var known = answers.Find(head.CommandId, most);
        switch (known.Kind)
        {
            case CommandLookupKind.Duplicate:
                return known.Result!.Subject == head.Subject
                    ? known.Result.ShownFrom(step.State)
                    : step.Refuse(head.CommandId, RegistryRefusal.CommandIdInvalid,
                        known.Result.Subject.IsTaken(head.CommandId));
            case CommandLookupKind.Full:
                return step.Refuse(head.CommandId, RegistryRefusal.Overloaded,
                    $"The group remembers {answers.Count} command ids, for {head.Subject.Kind} at most "
                    + $"{most}; this copy did nothing, send it again under its id.");
            default:
                var reply = act();
                answers.Record(head.CommandId, step.Now, StoredAnswer.Of(head, reply));
                return reply;
        }
    }

    /// <summary>When those commands find a place that have the fewest; null: they find one now.</summary>
    public static long? NextPlace(CommandIdWindow<StoredAnswer> answers) =>
        answers.NextPlace(PlacesFor(nameof(PutConfig), answers.Capacity));

    /// <summary>
    /// Whoever writes much configuration can fill the window. It must keep no process from registering, and
    /// a fleet that starts anew nothing from being taken out.
    /// </summary>
    private static int PlacesFor(string kind, int capacity) => kind switch
    {
        nameof(DeregisterInstance) or nameof(DrainInstance) => capacity,
        nameof(RegisterInstance) => capacity - capacity / 20,
        _ => capacity - capacity / 10,
    };
}
