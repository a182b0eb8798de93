using Muster.Contracts.Lock;
using Muster.Lock.Machine;
using Muster.Replication.Core;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Tutorial;

public sealed class AcquireRaceTests
{
    /// <summary>
    /// The tutorial's fault: look whether the lock exists, then create it; both look before either creates.
    /// </summary>
    [Fact]
    public void Of_two_concurrent_acquires_over_two_replicas_exactly_one_is_granted()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            ExactlyOne(RealRace(seed)).ShouldBeTrue($"seed {seed}");
        }

        ExactlyOne(TutorialRace()).ShouldBeFalse();
    }

    private static bool ExactlyOne(IReadOnlyList<bool> granted) =>
        granted.Count == 2 && granted.Count(isGranted => isGranted) == 1;

    private static List<bool> RealRace(int seed)
    {
        var replicas = new Replicas<LockEntryCommand, LockEffect>(
            seed, count: 2, () => new LockMachine(),
            commands => LockEntryCodec.Write(new() { Commands = commands }));
        replicas.Submit(0, new LockEntryCommand
        {
            Genesis = new() { ClusterId = "test", Group = "lock", TokenFloor = 0, Epoch = 1 },
        });
        replicas.Run(100);
        string[] sessions = ["A", "B"];
        for (var replica = 0; replica < sessions.Length; replica++)
        {
            replicas.Submit(replica, new LockEntryCommand
            {
                OpenSession = new()
                {
                    CommandId = $"open-{sessions[replica]}",
                    SessionId = sessions[replica],
                    TtlMilliseconds = 15_000,
                },
            });
        }
        replicas.Run(100);
        // In the same step of the world: neither replica can have heard of the other's.
        for (var replica = 0; replica < sessions.Length; replica++)
        {
            replicas.Submit(replica, new LockEntryCommand
            {
                AcquireLock = new()
                {
                    CommandId = $"acquire-{sessions[replica]}",
                    SessionId = sessions[replica],
                    Name = "x",
                },
            });
        }
        replicas.Run(1_000);
        replicas.MachineOf(0).Digest().ShouldBe(replicas.MachineOf(1).Digest());
        return
        [
            .. replicas.Answers.OfType<LockEffect.Answer>().Select(answer => answer.Reply)
                .Where(reply => reply.LockGranted is not null
                    || reply.LockRefused?.Reason == LockRefusal.LockBusy)
                .Select(reply => reply.LockGranted is not null),
        ];
    }

    private static bool[] TutorialRace()
    {
        var locks = new HashSet<string>();
        bool[] looked = [!locks.Contains("x"), !locks.Contains("x")];
        foreach (var isFree in looked.Where(isFree => isFree))
        {
            locks.Add("x");
        }
        return looked;
    }
}
