namespace Muster.Simulator;

/// <summary>Every mutation by its name; a run takes a new one, because some have a memory.</summary>
internal static class MutationList
{
    private static readonly Func<Mutation>[] Makers =
    [
        () => new VoteNotStored(),
        () => new TermNotStored(),
        () => new UnsyncedAppendAcknowledged(),
        () => new DamageForgotten(),
        () => new EmptiedDiskCounted(),
        () => new SecondProcessCounted(),
        () => new ShorterLogElected(),
        () => new AppendUnchecked(),
        () => new HeartbeatVerifiesAll(),
        () => new DeposedLeaderObeyed(),
        () => new MatchBelievedTooFar(),
        () => new SnapshotSaysTooMuch(),
        () => new SnapshotOverNewerLog(),
        () => new LogTimeGoesBack(),
        () => new LeaderClockRunsFast(),
        () => new ClockReadBeforeInputs(),
        () => new StaleHintObeyed(),
        () => new ReadWithoutQuorum(),
        () => new UncommittedPublished(),
        () => new ResultsLostInSnapshot(),
        () => new TokenLostInSnapshot(),
        () => new TokenTakenFromIndex(),
        () => new CancelWithoutTombstone(),
        () => new IdsForgottenEarly(),
        () => new OwnClockUsed(),
        () => new OwnOrderUsed(),
        () => new RenewalCountedLate(),
        () => new GrantHandedOutUnchecked(),
        () => new LossToldLate(),
        () => new OutboxReportedUnconfirmed(),
        () => new VersionNotCompared(),
        () => new RegistryIdsForgotten(),
        () => new LeaseCountedShort(),
        () => new ConfigReadAtOnce(),
        () => new LearnerCounted(),
        () => new ChangeInOneStep(),
        () => new MembersLostInSnapshot(),
        () => new ReaderOvertakesWriter(),
        () => new UpgradedBesideReader(),
        () => new PermitTooMany(),
        () => new SeveralInPart(),
        () => new CrashWithoutDelay(),
        () => new CrashOfAnotherLife(),
        () => new VerdictTakenTwice(),
        () => new CrashUnderOldToken(),
        () => new BreakUntold(),
        () => new OwnRenewalsTold(),
        () => new RenewalWithoutGrants(),
        () => new OwnBreakTold(),
        () => new BreakUnderOldToken(),
        () => new VerdictOfOne(),
        () => new RestoredUnheard(),
        () => new FailedTwice(),
        () => new LateVoteCounted(),
        () => new FormerPrimaryWrites(),
        () => new LateStepCounted(),
        () => new PromotedUnfenced(),
        () => new FenceWithoutToken(),
    ];

    private static readonly Func<Mutation>[] MakersForScenarios =
    [
        () => new OldTermCommitted(),
        () => new PrefixTruncates(),
        () => new AnyAnswerConfirms(),
        () => new NextFollowsAnyAnswer(),
        () => new LateReportCounted(),
        () => new HeartbeatsWhileWriting(),
        () => new SharedIdRetires(),
    ];

    /// <summary>Those that random runs find.</summary>
    public static SortedDictionary<string, Func<Mutation>> All { get; } = ByName(Makers);

    /// <summary>Those that a scenario finds at once, and random runs hardly or never.</summary>
    public static SortedDictionary<string, Func<Mutation>> OfScenarios { get; } = ByName(MakersForScenarios);

    /// <summary>Of either kind; null: there is none of that name.</summary>
    public static Func<Mutation>? Find(string name) =>
        All.GetValueOrDefault(name) ?? OfScenarios.GetValueOrDefault(name);

    private static SortedDictionary<string, Func<Mutation>> ByName(IEnumerable<Func<Mutation>> makers) =>
        new(makers.ToDictionary(make => make().Name), StringComparer.Ordinal);
}
