using Muster.Contracts.Recovery;

namespace Muster.Client;

/// <summary>
/// The open withdrawals of members by their names, and who waits to join under such a name: so that a member
/// that has left is followed before this process comes back. Used under the client's gate.
/// </summary>
internal sealed class Withdrawals(MusterOptions options, RecoveryCalls calls)
{
    private readonly Dictionary<(string Group, string Member), Open> _open = [];

    /// <summary>The answer to a withdrawal says that the membership is no more.</summary>
    public static bool IsOut(RecoveryReply reply) =>
        reply is { RecoveryAccepted: not null }
            or { RecoveryRefused.Reason: RecoveryRefusal.GroupUnknown or RecoveryRefusal.MemberUnknown };

    /// <summary>
    /// Withdraws a membership; the task ends with the answer, whether it is out, or with false when none came
    /// in time.
    /// </summary>
    public Task<bool> Send(StandbyMember member)
    {
        var done = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        var name = (member.Group, member.Name);
        if (!_open.TryGetValue(name, out var open))
        {
            _open[name] = open = new Open();
        }
        open.Count++;
        calls.Open(new RecoveryCall
        {
            Id = calls.NewId(),
            Command = call => new RecoveryCommand { WithdrawStandby = member.Withdrawal(call.Id) },
            OnAnswer = reply => End(isClosing: false, IsOut(reply)),
            Timeout = options.CallTimeout,
            // One that is done after all is of a membership that nobody has any more.
            OnTimeout = () => End(isClosing: false),
            OnClose = () => End(isClosing: true),
        });
        return done.Task;

        void End(bool isClosing, bool isOut = false)
        {
            open.Count--;
            if (open.Count == 0)
            {
                _open.Remove(name);
                open.Waiting.ForEach(next => next(isClosing));
            }
            done.TrySetResult(isOut);
        }
    }

    /// <summary>
    /// Runs <paramref name="next"/> once no withdrawal is open under the member's name, at once if so
    /// already; with true when the client closes before that.
    /// </summary>
    public void After(StandbyMember member, Action<bool> next)
    {
        if (_open.TryGetValue((member.Group, member.Name), out var open))
        {
            open.Waiting.Add(next);
        }
        else
        {
            next(false);
        }
    }

    private sealed class Open
    {
        public int Count { get; set; }

        public List<Action<bool>> Waiting { get; } = [];
    }
}
