using Muster.Contracts;
using Muster.Contracts.Lock;

namespace Muster.Client;

/// <summary>What a leader has in hand.</summary>
internal sealed class Leadership(ClientCore core, string election, HeldClaim held) : ILeadership
{
    private readonly Lock _gate = new();
    private string _value = held.Claim.Value!;
    private Place _valueFrom;

    public string Election => election;

    public string Value
    {
        get
        {
            lock (_gate)
            {
                return _value;
            }
        }
    }

    public string CampaignId => held.AcquireId;

    public FencingToken FencingToken => held.FencingToken;

    public CancellationToken Lost => held.Lost;

    public bool IsLost => held.Lost.IsCancellationRequested;

    /// <summary>
    /// Without a sequence number: the service keeps the answer by the command's id, for whoever resolves it.
    /// </summary>
    public async Task ProclaimAsync(string value, CancellationToken cancellationToken)
    {
        GivenText.Check(value);
        Sizes.ThrowIfAbove(
            "value", value.Length, Sizes.MaxElectionValueCharacters, "characters", nameof(value));
        cancellationToken.ThrowIfCancellationRequested();
        held.ThrowUnlessHeld();
        var reply = await core.AskAsync(
            $"Proclaiming a value of election {election}",
            id => Command(id, value),
            cancellationToken,
            Sizes.OnWire(value),
            late => Take(value, late.ValueProclaimed)).ConfigureAwait(false);
        if (reply.ValueProclaimed is null)
        {
            held.OnRefused(reply.LockRefused);
            throw CallKinds.ToException(reply.LockRefused);
        }
        Take(value, reply.ValueProclaimed);
    }

    public ValueTask DisposeAsync() => held.DisposeAsync();

    private LockCommand Command(string id, string value) => new()
    {
        Proclaim = new Proclaim
        {
            CommandId = id,
            SessionId = held.SessionId,
            Election = election,
            CampaignId = CampaignId,
            FencingToken = FencingToken,
            Value = value,
        },
    };

    /// <summary>Answers may come in another order than the log's, and late ones long after.</summary>
    /// <returns>Null: its caller is told no more than that it is done.</returns>
    private object? Take(string value, ValueProclaimed? proclaimed)
    {
        lock (_gate)
        {
            if (proclaimed is not null && Place.Of(proclaimed.Event) is var place
                && place.CompareTo(_valueFrom) > 0)
            {
                (_value, _valueFrom) = (value, place);
            }
        }
        return null;
    }
}
