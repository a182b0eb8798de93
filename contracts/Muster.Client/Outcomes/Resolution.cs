namespace Muster.Client;

/// <summary>
/// Asks what became of a command once for all who want to know at a time, and stops when nobody does any
/// more. An answer is kept.
/// </summary>
internal sealed class Resolution(Func<CancellationToken, Task<ResolvedOutcome>> ask)
{
    private readonly Lock _gate = new();
    private Round? _round;

    /// <summary>
    /// Of what is being taken back already: not done, once <paramref name="done"/> has ended.
    /// </summary>
    /// <param name="done">
    /// Whether the service says that it is taken back; false: it has not answered, or could not yet.
    /// </param>
    /// <param name="again">Takes it back once more; null: <paramref name="done"/> is never false.</param>
    /// <param name="message">For people.</param>
    public static Func<CancellationToken, Task<ResolvedOutcome>> TakenBack(
        Task<bool> done, Func<CancellationToken, Task>? again, string message) =>
        async cancellationToken =>
        {
            if (!await done.WaitAsync(cancellationToken).ConfigureAwait(false))
            {
                await again!(cancellationToken).ConfigureAwait(false);
            }
            return new ResolvedOutcome { Kind = OutcomeKind.NotDone, Message = message };
        };

    public async Task<ResolvedOutcome> AskAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var round = Join();
        try
        {
            return await round.Answer.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Leave(round);
        }
    }

    private Round Join()
    {
        lock (_gate)
        {
            if (_round is not { IsOver: false })
            {
                _round = new Round(ask, _round?.Answer);
            }
            _round.Callers++;
            return _round;
        }
    }

    private void Leave(Round round)
    {
        lock (_gate)
        {
            round.Callers--;
            round.IsOver = round.Callers == 0 && !round.Answer.IsCompletedSuccessfully;
        }
        if (round.IsOver)
        {
            round.Stop.Cancel();
        }
    }

    private sealed class Round
    {
        /// <param name="ask">Asks.</param>
        /// <param name="before">A round that was stopped: two at a time would be one command twice.</param>
        public Round(Func<CancellationToken, Task<ResolvedOutcome>> ask, Task? before) =>
            Answer = RunAsync(ask, before);

        public CancellationTokenSource Stop { get; } = new();

        public Task<ResolvedOutcome> Answer { get; }

        public int Callers { get; set; }

        /// <summary>Nobody waits for it, and it gave no answer: who asks next begins anew.</summary>
        public bool IsOver { get; set; }

        private async Task<ResolvedOutcome> RunAsync(
            Func<CancellationToken, Task<ResolvedOutcome>> ask, Task? before)
        {
            if (before is not null)
            {
                await Task.WhenAny(before).ConfigureAwait(false);
            }
            return await ask(Stop.Token).ConfigureAwait(false);
        }
    }
}
