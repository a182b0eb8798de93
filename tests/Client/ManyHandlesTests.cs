using Muster.Bus;
using Muster.Contracts.Detector;
using Muster.Contracts.Lock;

namespace Muster.Client.Tests;

/// <summary>What a process costs while it holds many locks and does nothing else.</summary>
public class ManyHandlesTests
{
    private const int Seconds = 60;

    // A grant in a renewal's answer: a name of 12 characters, its acquire's id, its token, and their names.
    private const int BytesPerGrant = 120;

    /// <summary>
    /// As many messages with 10,000 handles as with one, of one session: the beats that the detectors judge
    /// the process by, four a second when its crash is to be seen, else one. Every fifth second one of them
    /// renews the session, and the answer to that alone grows with the handles: it lists them, so that
    /// nothing lost stays unnoticed.
    /// </summary>
    [Theory]
    [InlineData(1, true, 4)]
    [InlineData(1, false, 1)]
    [InlineData(10_000, true, 4)]
    [InlineData(10_000, false, 1)]
    public async Task They_have_one_session_and_a_few_messages_a_second(
        int handles, bool crashRelease, int messagesPerSecond)
    {
        await using var test = new ClientUnderTest(options =>
        {
            options.HeartbeatInterval = new MusterOptions().HeartbeatInterval;
            options.CrashRelease = crashRelease;
        });
        var held = new List<ILockHandle>();
        for (var i = 0; i < handles; i++)
        {
            held.Add(await test.Acquire($"handle-{i:00000}").Soon());
        }
        test.Pass(5); // what the acquires began is over
        var (published, delivered) = (test.Link.Published.Count, test.Link.Delivered.Count);

        test.Pass(Seconds);

        held.ShouldAllBe(handle => !handle.IsLost);
        test.Service.Opens.Count().ShouldBe(1);
        test.Service.Acquires.Select(acquire => acquire.SessionId).Distinct().Count().ShouldBe(1);
        var sent = test.Link.Published.Skip(published).Select(one => one.Message).ToList();
        var beats = sent.OfType<Heartbeat>().ToList();
        beats.Count.ShouldBe(sent.Count, "nothing but heartbeats");
        beats.Count.ShouldBe(Seconds * messagesPerSecond);
        beats.ShouldAllBe(beat => BusJson.Write(beat).Length < 512);
        beats.Count(beat => beat.Sessions.Count > 0).ShouldBeInRange(12, 13);
        var answers = test.Link.Delivered.Skip(delivered).ToList();
        answers.Count.ShouldBeInRange(12, 13);
        answers.ShouldAllBe(bytes => bytes < 512 + (handles * BytesPerGrant));
        // The double is slow at ending them one by one.
        test.Service.Override = command => command.CloseSession is not { } close
            ? null
            : new() { SessionClosed = new SessionClosed { CommandId = close.CommandId } };
    }
}
