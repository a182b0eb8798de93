using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Muster.Broker;
using Muster.Bus;
using Muster.Client;
using Muster.Contracts.Lock;
using Muster.Host.Embedded;
using Muster.Host.Tests.Decisions;
using Muster.Hosting;
using Muster.Lock.Consumers;
using Shouldly;
using Xunit;

namespace Muster.Host.Tests.History;

/// <summary>The history of a whole process, over its restart.</summary>
public sealed class EmbeddedHistoryTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly string _folder = Scratch.NewFolder("history");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_expired_lock_is_explained_by_its_numbers_also_after_a_restart()
    {
        LockHistoryEntry lost;
        using (var host = await StartAsync())
        {
            Take(host, new()
            {
                OpenSession = new() { CommandId = "o", SessionId = "s", TtlMilliseconds = 1_000 },
            });
            Take(host, new() { AcquireLock = new() { CommandId = "a", SessionId = "s", Name = "x" } });
            await using (var client = NewClient(host))
            {
                // Granted when the silent one has expired.
                await using var next = await client.Locks.AcquireAsync("x", Patience, Cancelled);
                var read = await client.Locks.ReadHistoryAsync(new() { Name = "x" }, Cancelled);
                lost = read.Entries.Single(entry => entry.Kind == LockHistoryKind.Lost);
                var granted = read.Entries.Single(entry => entry.FencingToken == next.FencingToken);
                (granted.Index, granted.LogTime).ShouldBe((lost.Index, lost.LogTime));
            }
            await host.StopAsync(Cancelled);
        }
        (lost.Cause, lost.SessionId, lost.AcquireId, lost.TtlMilliseconds).ShouldBe(
            ("SessionExpired", "s", "a", 1_000));
        lost.SinceRenewalMilliseconds.ShouldNotBeNull().ShouldBeInRange(1_000, 5_000);
        lost.Explanation.ShouldContain("its session's TTL of 1 s ran out");

        using var again = await StartAsync();
        await using var reader = NewClient(again);
        var kept = await reader.Locks.ReadHistoryAsync(new() { FencingToken = lost.FencingToken }, Cancelled);
        kept.Entries.Select(entry => entry.Kind).ShouldBe([LockHistoryKind.Granted, LockHistoryKind.Lost]);
        kept.Entries[1].Index.ShouldBe(lost.Index);
        kept.Gaps.ShouldBeEmpty();
        await again.StopAsync(Cancelled);
    }

    [Fact]
    public async Task Who_keeps_none_says_so()
    {
        using var host = await StartAsync("--Lock:HistoryEntries=0");
        await using var client = NewClient(host);

        var refused = await Should.ThrowAsync<MusterRefusedException>(
            () => client.Locks.ReadHistoryAsync(new() { Name = "x" }, Cancelled).AsTask());
        refused.Reason.ShouldBe(LockRefusal.NoHistory);
        Directory.Exists(Path.Combine(_folder, "history")).ShouldBeFalse();
        await host.StopAsync(Cancelled);
    }

    [Fact]
    public async Task A_history_that_cannot_be_written_is_told_in_health_and_stops_no_lock()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "history"), "in the way", Cancelled);
        using var host = await StartAsync();
        await using var client = NewClient(host);
        await using var held = await client.Locks.AcquireAsync("x", Patience, Cancelled);

        var refused = await Should.ThrowAsync<MusterRefusedException>(
            () => client.Locks.ExplainLossAsync(held, Cancelled).AsTask());
        refused.Reason.ShouldBe(LockRefusal.NoHistory);
        var health = host.Services.GetServices<IHealthSource>()
            .Where(source => source.Name.StartsWith("lock ", StringComparison.Ordinal)).ToList();
        health.ShouldContain(source => source.Detail.Contains("its history is not written"));
        health.ShouldAllBe(source => source.IsReady);
        await host.StopAsync(Cancelled);
    }

    [Fact]
    public async Task A_query_that_is_wrong_is_refused_with_what_is_wrong()
    {
        using var host = await StartAsync("--Lock:Groups=2");
        await using var client = NewClient(host);

        await RefusedAsync(new() { Limit = 0 }, LockRefusal.LimitReached);
        await RefusedAsync(new() { Limit = 1_001 }, LockRefusal.LimitReached);
        await RefusedAsync(new() { Name = "\n" }, LockRefusal.NameInvalid);
        await RefusedAsync(new() { SessionId = new string('s', 129) }, LockRefusal.SessionIdInvalid);
        await RefusedAsync(new() { SessionId = "no group's" }, LockRefusal.WrongGroup);
        await RefusedAsync(new() { GroupNumber = 2 }, LockRefusal.WrongGroup);
        await RefusedAsync(new() { GroupNumber = -1 }, LockRefusal.WrongGroup);
        (await client.Locks.ReadHistoryAsync(new() { GroupNumber = 1 }, Cancelled)).Group.ShouldBe("lock-1");
        await host.StopAsync(Cancelled);

        async Task RefusedAsync(ReadLockHistory query, LockRefusal reason) =>
            (await Should.ThrowAsync<MusterRefusedException>(
                () => client.Locks.ReadHistoryAsync(query, Cancelled).AsTask())).Reason.ShouldBe(reason);
    }

    private static void Take(IHost host, LockCommand command) =>
        host.Services.GetRequiredService<LockRouter>().Take(command, () => { });

    private static MusterClient NewClient(IHost host) =>
        new(new MusterOptions { Owner = "reader" }, host.Services.GetRequiredService<ILinkFactory>());

    private async Task<IHost> StartAsync(params string[] arguments)
    {
        var host = EmbeddedHost.Build(
            _folder, ["--Health:Url=http://127.0.0.1:0", .. arguments], LogLevel.None);
        await host.StartAsync(Cancelled);
        await NodesOfOneProcess.UntilAsync(
            () => host.Services.GetServices<IHealthSource>().All(source => source.IsReady),
            () => "all are ready");
        return host;
    }
}
