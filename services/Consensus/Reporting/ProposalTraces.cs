using System.Diagnostics;
using Muster.Consensus.Core;
using Muster.Consensus.Driver;
using Muster.Contracts.Consensus;

namespace Muster.Consensus.Reporting;

/// <summary>
/// Traced proposals' ways through consensus as spans: from when the node takes one to when the leader has
/// committed the last of its entries. Nothing for proposals without a trace, or while nobody listens. Used by
/// the node's loop alone.
/// </summary>
/// <remarks>
/// A proposal has the commands of many callers. Of one trace the span is a part, and links to the others of
/// that trace that are in it; of several it is a trace of its own that links to all of them, because a part
/// of one of them would be missing in the others.
/// </remarks>
internal sealed class ProposalTraces(string node)
{
    private static readonly ActivitySource Activities = new("Muster.Consensus");

    private readonly List<Open> _open = [];

    /// <summary>The group's core is about to be given the proposal.</summary>
    public void Taken(GroupRunner group, ProposeEntries proposal)
    {
        if (proposal.TraceParents is not { Count: > 0 } spans || !Activities.HasListeners())
        {
            return;
        }
        var contexts = ContextsOf(spans);
        if (contexts.Count > 0 && Start(contexts) is { } activity)
        {
            activity.SetTag("rpc.system", "muster").SetTag("messaging.message.id", proposal.ProposalId)
                .SetTag("muster.group", group.Name).SetTag("muster.node", node);
            _open.Add(new Open(group, proposal.Payloads[^1], activity));
        }
    }

    /// <summary>What the group's step made of it is on disk and sent.</summary>
    public void Stepped(GroupRunner group, RaftOutput output)
    {
        if (_open.Count > 0)
        {
            EndWhatIsOver(group, output);
        }
    }

    /// <summary>The node ends; nobody here will know of the others.</summary>
    public void End()
    {
        _open.ForEach(open => End(open, "unknown", "node_stopped"));
        _open.Clear();
    }

    // Not in the step of every group: what a lambda captures is allocated where its method begins.
    private void EndWhatIsOver(GroupRunner group, RaftOutput output) =>
        _open.RemoveAll(open => open.Group == group && IsOver(open, output));

    private static List<ActivityContext> ContextsOf(IReadOnlyList<string> spans)
    {
        var contexts = new List<ActivityContext>();
        foreach (var span in spans.Take(ProposeEntries.MaxTraceParents))
        {
            // Anybody may send anything.
            if (ActivityContext.TryParse(span, null, isRemote: true, out var context))
            {
                contexts.Add(context);
            }
        }
        return contexts;
    }

    private static Activity? Start(List<ActivityContext> contexts)
    {
        var isOneTrace = contexts.TrueForAll(one => one.TraceId == contexts[0].TraceId);
        // The loop's thread has the current span of whoever started the node, and it is none of that.
        Activity.Current = null;
        var activity = Activities.StartActivity(
            "muster.consensus/ProposeEntries", ActivityKind.Server, isOneTrace ? contexts[0] : default,
            links: contexts.Skip(isOneTrace ? 1 : 0).Select(context => new ActivityLink(context)));
        Activity.Current = null;
        return activity;
    }

    private static bool IsOver(Open open, RaftOutput output)
    {
        open.Entry ??= output.Append.FirstOrDefault(
            entry => ReferenceEquals(entry.Payload, open.LastPayload));
        if (open.Entry is not { } appended)
        {
            // While it hands its leadership over, a leader holds proposals back.
            return !open.Group.Core.IsHandingOver && End(open, "refused", "refused");
        }
        if (output.Committed.Any(entry => entry.Index == appended.Index && entry.Term == appended.Term))
        {
            open.Activity.SetTag("muster.log.index", appended.Index.Value)
                .SetTag("muster.log.term", appended.Term.Value);
            return End(open, "done", null);
        }
        // The next leader may commit it yet, or not.
        return (!open.Group.IsLeader || open.Group.Core.Term != appended.Term)
            && End(open, "unknown", "leadership_lost");
    }

    private static bool End(Open open, string outcome, string? error)
    {
        open.Activity.SetTag("muster.outcome", outcome);
        if (error is not null)
        {
            open.Activity.SetTag("error.type", error).SetStatus(ActivityStatusCode.Error);
        }
        open.Activity.Stop();
        Activity.Current = null;
        return true;
    }

    private sealed record Open(GroupRunner Group, byte[] LastPayload, Activity Activity)
    {
        /// <summary>Where it stands in the log; null: it is not appended.</summary>
        public LogEntry? Entry { get; set; }
    }
}
