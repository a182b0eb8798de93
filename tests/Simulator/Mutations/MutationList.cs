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
        () => new ShorterLogElected(),
        () => new AppendUnchecked(),
        () => new HeartbeatVerifiesAll(),
        () => new DeposedLeaderObeyed(),
        () => new MatchBelievedTooFar(),
        () => new SnapshotSaysTooMuch(),
        () => new LogTimeGoesBack(),
        () => new LeaderClockRunsFast(),
        () => new StaleHintObeyed(),
        () => new ReadWithoutQuorum(),
        () => new UncommittedPublished(),
        () => new ResultsLostInSnapshot(),
        () => new TokenLostInSnapshot(),
        () => new CancelWithoutTombstone(),
        () => new IdsForgottenEarly(),
        () => new OwnClockUsed(),
        () => new OwnOrderUsed(),
        () => new RenewalCountedLate(),
        () => new GrantHandedOutUnchecked(),
        () => new OutboxReportedUnconfirmed(),
        () => new VersionNotCompared(),
        () => new RegistryIdsForgotten(),
        () => new LeaseCountedShort(),
        () => new ConfigReadAtOnce(),
        () => new LearnerCounted(),
        () => new ChangeInOneStep(),
        () => new MembersLostInSnapshot(),
    ];

    public static SortedDictionary<string, Func<Mutation>> All { get; } =
        new(Makers.ToDictionary(make => make().Name), StringComparer.Ordinal);
}
