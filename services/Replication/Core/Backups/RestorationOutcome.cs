using Muster.Contracts;
using Muster.Contracts.Recovery;

namespace Muster.Replication.Core;

/// <summary>
/// What became of a <see cref="StateRestoration"/>: exactly one of the answers is set. A machine makes an
/// effect of it; the replica that proposed the entry sends it.
/// </summary>
public sealed record RestorationOutcome
{
    public string CommandId { get; init; } = "";

    public ReplyAddress? ReplyTo { get; init; }

    public GroupStateRestored? Restored { get; init; }

    public GroupStateRefused? Refused { get; init; }

    public static RestorationOutcome Of(StateRestoration restoration, GroupStateRestored restored) => new()
    {
        CommandId = restoration.CommandId,
        ReplyTo = restoration.ReplyTo,
        Restored = restored,
    };

    public static RestorationOutcome Refuse(StateRestoration restoration, string group, string message) =>
        new()
        {
            CommandId = restoration.CommandId,
            ReplyTo = restoration.ReplyTo,
            Refused = new()
            {
                CommandId = restoration.CommandId,
                Group = group,
                Message = message,
            },
        };
}
