using Muster.Contracts.Decisions;
using Muster.Contracts.Lock;
using Muster.Contracts.Recovery;
using Muster.Contracts.Registry;

namespace Muster.Client;

/// <summary>
/// One command and its answer as a task: sent again each second under its id until answered, the call
/// time-out, the caller's cancellation or the client's end.
/// </summary>
internal static class Asking
{
    /// <summary>A refusal stands for its id; after this the service may be able to under another.</summary>
    private static readonly TimeSpan RefusedPause = TimeSpan.FromSeconds(1);

    /// <param name="core">The client.</param>
    /// <param name="what">For people.</param>
    /// <param name="command">The command under an id.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="bytes">What it carries, as JSON.</param>
    /// <param name="result">
    /// What its caller is told of an answer that is no refusal, when it is learned late; null of a query.
    /// </param>
    /// <exception cref="MusterUnknownException">Not answered within the call time-out.</exception>
    public static Task<LockReply> AskAsync(
        this ClientCore core, string what, Func<string, LockCommand> command,
        CancellationToken cancellationToken, int bytes = 0, Func<LockReply, object?>? result = null) =>
        new Question<LockCommand, LockReply>(core, parts => parts.Calls) { Result = result }
            .AskAsync(what, command, bytes, cancellationToken);

    /// <summary>As of the lock service.</summary>
    public static Task<RegistryReply> AskAsync(
        this ClientCore core, string what, Func<string, RegistryCommand> command,
        CancellationToken cancellationToken, int bytes = 0, Func<RegistryReply, object?>? result = null) =>
        new Question<RegistryCommand, RegistryReply>(core, parts => parts.RegistryCalls) { Result = result }
            .AskAsync(what, command, bytes, cancellationToken);

    /// <summary>As of the lock service.</summary>
    public static Task<RecoveryReply> AskAsync(
        this ClientCore core, string what, Func<string, RecoveryCommand> command,
        CancellationToken cancellationToken, int bytes = 0, Func<RecoveryReply, object?>? result = null) =>
        new Question<RecoveryCommand, RecoveryReply>(core, parts => parts.RecoveryCalls) { Result = result }
            .AskAsync(what, command, bytes, cancellationToken);

    /// <summary>As of the lock service.</summary>
    public static Task<DecisionReply> AskAsync(
        this ClientCore core, string what, Func<string, DecisionCommand> command,
        CancellationToken cancellationToken, int bytes = 0, Func<DecisionReply, object?>? result = null,
        string? id = null) =>
        new Question<DecisionCommand, DecisionReply>(core, parts => parts.DecisionCalls, id)
        {
            Result = result,
            IsNeverForgotten = true, // a decision is for ever, and its repeat is answered with it
        }.AskAsync(what, command, bytes, cancellationToken);

    /// <summary>
    /// Asks under ever new ids until the answer is the one that is wanted: only for what may be done twice.
    /// </summary>
    public static Task AskUntilAsync(
        this ClientCore core, string what, Func<string, RegistryCommand> command,
        Func<RegistryReply, bool> isWanted, CancellationToken cancellationToken) =>
        UntilAsync(core, () => core.AskAsync(what, command, cancellationToken), isWanted, cancellationToken);

    /// <summary>As of the registry.</summary>
    public static Task AskUntilAsync(
        this ClientCore core, string what, Func<string, RecoveryCommand> command,
        Func<RecoveryReply, bool> isWanted, CancellationToken cancellationToken) =>
        UntilAsync(core, () => core.AskAsync(what, command, cancellationToken), isWanted, cancellationToken);

    private static async Task UntilAsync<TReply>(
        ClientCore core, Func<Task<TReply>> ask, Func<TReply, bool> isWanted,
        CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                if (isWanted(await ask().ConfigureAwait(false)))
                {
                    return;
                }
                await Task.Delay(RefusedPause, core.Time, cancellationToken).ConfigureAwait(false);
            }
            catch (MusterUnknownException)
            {
                // No answer yet; whoever asks says how long to go on.
            }
        }
    }

    private sealed class Question<TCommand, TReply>(
        ClientCore core, Func<ClientParts, CallTable<TCommand, TReply>> table, string? id = null)
        where TCommand : class
        where TReply : class
    {
        /// <summary>
        /// The services remember a command for 10 min (their <c>CommandWindow</c>), and a copy may wait in
        /// the broker for one of them before it is taken: this leaves another one.
        /// </summary>
        private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(8);

        private readonly string _id = id ?? Guid.NewGuid().ToString("N");
        private Call<TCommand, TReply>? _first;

        public Func<TReply, object?>? Result { get; init; }

        public bool IsNeverForgotten { get; init; }

        public async Task<TReply> AskAsync(
            string what, Func<string, TCommand> command, int bytes, CancellationToken cancellationToken)
        {
            var reply = await AskAsync(command, bytes, cancellationToken).ConfigureAwait(false);
            // Of a command that was sent once only, this copy is the first.
            if (reply is not null && !(CallKinds.MayBeDone(reply) && _first!.Sendings > 1))
            {
                return reply;
            }
            throw new MusterUnknownException(
                _id,
                reply is null
                    ? $"{what}: no answer within {core.Options.CallTimeout}."
                    : $"{what}: its first answer was lost, and is forgotten.",
                Result is null ? null : cancellation => ResolveAsync(what, command, bytes, cancellation));
        }

        private async Task<TReply?> AskAsync(
            Func<string, TCommand> command, int bytes, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var trace = CallTrace.Of(core, _id, command);
            try
            {
                var reply = await AskAsync(command, bytes, trace.TraceParent, cancellationToken)
                    .ConfigureAwait(false);
                trace.Answered(reply);
                return reply;
            }
            catch (Exception exception) when (trace.Failed(exception))
            {
                throw; // never here: the filter only looks
            }
        }

        private async Task<TReply?> AskAsync(
            Func<string, TCommand> command, int bytes, string? traceParent,
            CancellationToken cancellationToken)
        {
            var answered =
                new TaskCompletionSource<TReply?>(TaskCreationOptions.RunContinuationsAsynchronously);
            var call = new Call<TCommand, TReply>
            {
                Id = _id,
                Bytes = bytes,
                TraceParent = traceParent,
                Command = call => command(call.Id),
                OnAnswer = reply => answered.TrySetResult(reply),
                Timeout = _first is null ? core.Options.CallTimeout : IsNeverForgotten ? null : Left,
                IsOver = _first is null ? null : () => IsForgotten,
                OnTimeout = () => answered.TrySetResult(null),
                OnClose = () => answered.TrySetException(new ObjectDisposedException(nameof(MusterClient))),
            };
            _first ??= call;
            core.Step(parts => table(parts).Open(call));
            core.Start();
            await using var registration = cancellationToken.UnsafeRegister(_ =>
            {
                core.StepUnlessClosed(parts => table(parts).Close(call));
                answered.TrySetCanceled(cancellationToken);
            }, null).ConfigureAwait(false);
            return await answered.Task.ConfigureAwait(false);
        }

        /// <summary>Until the service may have forgotten the command; it was sent.</summary>
        private TimeSpan Left => Remembered - core.Clock.Elapsed(_first!.FirstSentAt!);

        private bool IsForgotten => !IsNeverForgotten && Left <= TimeSpan.Zero;

        private async Task<ResolvedOutcome> ResolveAsync(
            string what, Func<string, TCommand> command, int bytes, CancellationToken cancellationToken)
        {
            if (_first!.FirstSentAt is null)
            {
                return new() { Kind = OutcomeKind.NotDone, Message = $"{what}: it was never sent." };
            }
            var reply = IsForgotten
                ? null
                : await AskAsync(command, bytes, cancellationToken).ConfigureAwait(false);
            if (reply is null || CallKinds.MayBeDone(reply))
            {
                return new()
                {
                    Kind = OutcomeKind.Forgotten,
                    Message = reply is null
                        ? $"{what}: no answer within {Remembered} of the first sending; the service may have "
                            + "forgotten the command."
                        : $"{what}: so much was done since that the service has forgotten the command.",
                };
            }
            return CallKinds.ExceptionOf(reply) is { } refusal
                ? new() { Kind = OutcomeKind.Refused, Refusal = refusal }
                : new() { Kind = OutcomeKind.Done, Result = Result!(reply) };
        }
    }
}
