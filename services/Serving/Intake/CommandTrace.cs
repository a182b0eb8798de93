using System.Diagnostics;
using Muster.Bus;

namespace Muster.Serving;

/// <summary>
/// A traced command's way through this process as a span of its sender's trace: from its batch to its first
/// answer, so with the time that consensus and the machine take. Nothing for commands without a trace, or
/// while nobody listens.
/// </summary>
internal sealed class CommandTrace
{
    private static readonly ActivitySource Activities = new("Muster.Serving");

    private readonly Activity _activity;

    private CommandTrace(Activity activity) => _activity = activity;

    public static CommandTrace? Begin<TCommand>(TCommand command, string commandId, string traceParent)
        where TCommand : class
    {
        if (!Activities.HasListeners()
            || !ActivityContext.TryParse(traceParent, null, isRemote: true, out var sender))
        {
            return null;
        }
        var before = Activity.Current;
        var activity = Activities.StartActivity(
            CommandNames.Of(command), ActivityKind.Server, sender);
        Activity.Current = before; // what the replica's loop does is of many commands
        activity?.SetTag("rpc.system", "muster").SetTag("messaging.message.id", commandId);
        return activity is null ? null : new CommandTrace(activity);
    }

    /// <summary>What is handed over here is a part of the span: consensus' share of it.</summary>
    public void Run(Action take)
    {
        var before = Activity.Current;
        Activity.Current = _activity;
        try
        {
            take();
        }
        finally
        {
            Activity.Current = before;
        }
    }

    /// <summary>Ends the span, and then does what was to be done at the answer.</summary>
    public void End(Action settled)
    {
        var before = Activity.Current;
        _activity.Stop();
        Activity.Current = before;
        settled();
    }
}
