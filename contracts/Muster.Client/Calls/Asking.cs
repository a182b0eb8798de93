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
    /// <summary>The answer, or null when none came in time.</summary>
    public static Task<LockReply?> TryAskAsync(
        this ClientCore core, Func<string, LockCommand> command, CancellationToken cancellationToken) =>
        new Question<LockCommand, LockReply>(core, parts => parts.Calls)
            .AskAsync(command, bytes: 0, cancellationToken);

    /// <exception cref="MusterUnknownException">Not answered within the call time-out.</exception>
    public static Task<LockReply> AskAsync(
        this ClientCore core, string what, Func<string, LockCommand> command,
        CancellationToken cancellationToken) =>
        new Question<LockCommand, LockReply>(core, parts => parts.Calls)
            .AskAsync(what, command, bytes: 0, cancellationToken);

    /// <inheritdoc cref="AskAsync(ClientCore, string, Func{string, LockCommand}, CancellationToken)"/>
    public static Task<RegistryReply> AskAsync(
        this ClientCore core, string what, Func<string, RegistryCommand> command,
        CancellationToken cancellationToken, int bytes = 0) =>
        new Question<RegistryCommand, RegistryReply>(core, parts => parts.RegistryCalls)
            .AskAsync(what, command, bytes, cancellationToken);

    /// <inheritdoc cref="AskAsync(ClientCore, string, Func{string, LockCommand}, CancellationToken)"/>
    public static Task<RecoveryReply> AskAsync(
        this ClientCore core, string what, Func<string, RecoveryCommand> command,
        CancellationToken cancellationToken, int bytes = 0) =>
        new Question<RecoveryCommand, RecoveryReply>(core, parts => parts.RecoveryCalls)
            .AskAsync(what, command, bytes, cancellationToken);

    /// <inheritdoc cref="AskAsync(ClientCore, string, Func{string, LockCommand}, CancellationToken)"/>
    public static Task<DecisionReply> AskAsync(
        this ClientCore core, string what, Func<string, DecisionCommand> command,
        CancellationToken cancellationToken, int bytes = 0, string? id = null) =>
        new Question<DecisionCommand, DecisionReply>(core, parts => parts.DecisionCalls, id)
            .AskAsync(what, command, bytes, cancellationToken);

    private sealed class Question<TCommand, TReply>(
        ClientCore core, Func<ClientParts, CallTable<TCommand, TReply>> table, string? id = null)
        where TCommand : class
        where TReply : class
    {
        private readonly string _id = id ?? Guid.NewGuid().ToString("N");

        public async Task<TReply> AskAsync(
            string what, Func<string, TCommand> command, int bytes, CancellationToken cancellationToken) =>
            await AskAsync(command, bytes, cancellationToken).ConfigureAwait(false)
                ?? throw new MusterUnknownException(
                    _id, $"{what}: no answer within {core.Options.CallTimeout}.");

        public async Task<TReply?> AskAsync(
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
                Timeout = core.Options.CallTimeout,
                OnTimeout = () => answered.TrySetResult(null),
                OnClose = () => answered.TrySetException(new ObjectDisposedException(nameof(MusterClient))),
            };
            core.Step(parts => table(parts).Open(call));
            core.Start();
            await using var registration = cancellationToken.UnsafeRegister(_ =>
            {
                core.StepUnlessClosed(parts => table(parts).Close(call));
                answered.TrySetCanceled(cancellationToken);
            }, null).ConfigureAwait(false);
            return await answered.Task.ConfigureAwait(false);
        }
    }
}
