using System.Diagnostics;
using System.Diagnostics.Metrics;
using Muster.Bus;

namespace Muster.Client;

/// <summary>
/// One call as telemetry sees it, from its begin to its outcome: done, busy, refused, unknown, cancelled or
/// failed. Nothing, and nothing is allocated, while nobody listens.
/// </summary>
internal readonly struct CallTrace
{
    private readonly ClientCore _core;
    private readonly Histogram<double>? _duration;
    private readonly string _operation;
    private readonly long _begunAt;
    private readonly Activity? _activity;

    private CallTrace(ClientCore core, Histogram<double> duration, string operation)
    {
        (_core, _duration, _operation) = (core, duration, operation);
        _begunAt = core.Time.GetTimestamp();
        var caller = Activity.Current;
        _activity = ClientTelemetry.Activities.StartActivity(operation, ActivityKind.Client);
        // The client goes on with what it begins meanwhile, its link first of all, when this call is long
        // over: that must not hang on it.
        Activity.Current = caller;
        if (_activity is { IsAllDataRequested: true } activity)
        {
            var slash = operation.IndexOf('/', StringComparison.Ordinal);
            activity.SetTag("rpc.system", "muster");
            activity.SetTag("rpc.service", slash < 0 ? operation : operation[..slash]);
            activity.SetTag("rpc.method", operation[(slash + 1)..]);
            activity.SetTag("muster.cluster", core.Options.Cluster);
        }
    }

    /// <summary>Goes with the commands, so that the service's part becomes the span's child.</summary>
    public string? TraceParent =>
        _activity is { Recorded: true, IdFormat: ActivityIdFormat.W3C } ? _activity.Id : null;

    public static CallTrace OfAcquire(ClientCore core, Claim claim)
    {
        if (!IsHeard(ClientTelemetry.AcquireDuration))
        {
            return default;
        }
        var trace = new CallTrace(
            core, ClientTelemetry.AcquireDuration,
            claim.Value is null ? "muster.lock/AcquireLock" : "muster.lock/Campaign");
        trace._activity?.SetTag("muster.lock.name", claim.LockName);
        return trace;
    }

    public static CallTrace OfRelease(ClientCore core, Acquire acquire)
    {
        if (!IsHeard(ClientTelemetry.CallDuration))
        {
            return default;
        }
        var trace = new CallTrace(
            core, ClientTelemetry.CallDuration,
            acquire.Claim.Value is null ? "muster.lock/ReleaseLock" : "muster.lock/Resign");
        trace._activity?.SetTag("muster.lock.name", acquire.Name);
        trace._activity?.SetTag("muster.lock.token", acquire.Token.Value);
        return trace;
    }

    public static CallTrace Of<TCommand>(ClientCore core, string id, Func<string, TCommand> command)
        where TCommand : class
    {
        if (!IsHeard(ClientTelemetry.CallDuration))
        {
            return default;
        }
        var trace = new CallTrace(
            core, ClientTelemetry.CallDuration, CommandNames.Of(command(id)));
        trace._activity?.SetTag("messaging.message.id", id);
        return trace;
    }

    public void Granted(HeldClaim? held)
    {
        if (held is null)
        {
            End("busy", null);
            return;
        }
        _activity?.SetTag("messaging.message.id", held.AcquireId);
        _activity?.SetTag("muster.lock.token", held.FencingToken.Value);
        End("done", null);
    }

    public void Done() => End("done", null);

    public void Unanswered() => End("unknown", "no_answer");

    /// <param name="reply">Null: there was none in time.</param>
    public void Answered(object? reply)
    {
        if (reply is null)
        {
            Unanswered();
        }
        else if (_duration is not null && CallKinds.RefusalOf(reply) is { } reason)
        {
            Refused(reason);
        }
        else
        {
            Done();
        }
    }

    /// <summary>Always false: to be used as an exception filter, which sees and goes on.</summary>
    public bool Failed(Exception exception)
    {
        switch (exception)
        {
            case MusterRefusedException refused:
                Refused(refused.Reason);
                break;
            case MusterUnknownException:
                Unanswered();
                break;
            case OperationCanceledException:
                End("cancelled", null);
                break;
            default:
                End("failed", exception.GetType().Name);
                break;
        }
        return false;
    }

    private void Refused(Enum reason) => End("refused", reason.ToString());

    private static bool IsHeard(Histogram<double> duration) =>
        duration.Enabled || ClientTelemetry.Activities.HasListeners();

    private void End(string outcome, string? error)
    {
        if (_duration is null)
        {
            return;
        }
        _duration.Record(
            _core.Time.GetElapsedTime(_begunAt).TotalSeconds,
            new("operation", _operation), new("outcome", outcome), ClientTelemetry.ClusterOf(_core.Options));
        if (_activity is { } activity)
        {
            activity.SetTag("muster.outcome", outcome);
            if (error is not null)
            {
                activity.SetTag("error.type", error);
                activity.SetStatus(ActivityStatusCode.Error);
            }
            activity.Stop();
        }
    }
}
