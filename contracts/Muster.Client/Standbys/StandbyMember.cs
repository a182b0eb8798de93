using Muster.Contracts.Recovery;

namespace Muster.Client;

/// <summary>
/// One member of a standby group, as far as it is known here. Changed under the client's gate only; the view
/// and the term may be read without it.
/// </summary>
internal sealed class StandbyMember
{
    private volatile StandbyView _view;
    private Place _writeBasePlace;
    private bool _hasComeBack;

    public StandbyMember(StandbyOptions options, string name)
    {
        Options = options;
        Lock = options.Policy?.Lock ?? "";
        _view = new StandbyView { Group = options.Group, Member = name };
        Term.Cancel();
    }

    public StandbyOptions Options { get; }

    public string Group => _view.Group;

    public string Name => _view.Member;

    /// <summary>The lock of the group's policy, as it was told last.</summary>
    public string Lock { get; set; }

    /// <summary>Names this joining in all that is sent for it.</summary>
    public string Membership { get; set; } = "";

    /// <summary>It was taken out, perhaps before it was in.</summary>
    public bool IsWithdrawn { get; set; }

    public List<Mailbox<StandbyView>> Watchers { get; } = [];

    /// <summary>How new the view is.</summary>
    public Place Place { get; set; }

    /// <summary>The version that the owner wrote or recovered last.</summary>
    public long WriteBase { get; private set; }

    /// <summary>The version that the service was told last.</summary>
    public long Reported { get; set; }

    /// <summary>The open report.</summary>
    public RecoveryCall? Report { get; set; }

    /// <summary>For the next report, which is not to come too soon.</summary>
    public Due? ReportDue { get; set; }

    /// <summary>The open call of the present promotion.</summary>
    public RecoveryCall? Promotion { get; set; }

    /// <summary>Hands a promotion to the owner; must not block.</summary>
    public required Action<StandbyPromotion, CancellationToken> OnPromoted { get; init; }

    public StandbyView View
    {
        get => _view;
        set => _view = value;
    }

    /// <summary>Its present or last term as the primary.</summary>
    public CancellationTokenSource Term { get; set; } = new();

    public WithdrawStandby Withdrawal(string commandId) => new()
    {
        CommandId = commandId,
        Group = Group,
        Member = Name,
        Membership = Membership,
    };

    /// <summary>The owner knows this version; an answer overtaken by a newer one changes nothing.</summary>
    public void SetWriteBase(long version, Place place)
    {
        if (place.CompareTo(_writeBasePlace) > 0)
        {
            (WriteBase, _writeBasePlace) = (version, place);
        }
    }

    /// <summary>
    /// Refused though it was in: its name is another process's by now. That may be a former one, whose
    /// joining came late, so it joins once more, as another membership; and not again, since two that live
    /// under one name would take it from each other for ever.
    /// </summary>
    public void ComeBack(string membership)
    {
        if (Place.CompareTo(default) > 0 && !_hasComeBack)
        {
            (Membership, _hasComeBack) = (membership, true);
        }
    }

    /// <summary>It is the primary of this epoch, as far as is known.</summary>
    public bool Leads(long groupEpoch) =>
        _view.Role == StandbyRole.Primary && _view.GroupEpoch == groupEpoch;
}
