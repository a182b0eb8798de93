using Muster.Broker;
using Shouldly;
using Xunit;

namespace Muster.Containers.Tests;

public sealed class ServiceProcessTests
{
    private const int Killed = 128 + 9;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task It_finds_lines_printed_before_and_after_and_keeps_both_streams()
    {
        await using var process = Shell("echo first; echo second >&2; exec sleep 1000");

        (await process.WaitForLineAsync("first", Patience)).ShouldBe("first");
        (await process.WaitForLineAsync("second", Patience)).ShouldBe("second");
        var log = await File.ReadAllTextAsync(process.LogPath, TestContext.Current.CancellationToken);
        log.ShouldContain("second");
    }

    [Fact]
    public async Task Waiting_for_a_line_of_a_process_that_ends_fails_with_its_output()
    {
        await using var process = Shell("echo something else; exit 3");

        var failure = await Should.ThrowAsync<InvalidOperationException>(
            () => process.WaitForLineAsync("never printed", Patience));

        failure.Message.ShouldContain("exited with 3");
        failure.Message.ShouldContain("something else");
    }

    [Fact]
    public async Task A_line_after_a_mark_is_not_an_older_one()
    {
        await using var process = Shell("echo beat one; echo marked; exec sleep 1000");
        await process.WaitForLineAsync("marked", Patience);
        (await process.WaitForLineAsync("beat", Patience)).ShouldBe("beat one");

        var next = process.WaitForLineAsync("beat", Patience, after: process.LineCount);

        next.IsCompleted.ShouldBeFalse();
        process.Kill9();
        var failure = await Should.ThrowAsync<InvalidOperationException>(() => next);
        failure.Message.ShouldContain("exited with 137");
    }

    [Fact]
    public async Task Kill9_ends_it_at_once()
    {
        await using var process = Sleep();

        process.Kill9();

        (await process.ExitAsync(Patience)).ShouldBe(Killed);
        process.HasExited.ShouldBeTrue();
    }

    [Fact]
    public async Task A_paused_process_stands_still_and_goes_on()
    {
        await using var process = Shell("while true; do echo tick; sleep 0.01; done");
        await process.WaitForLineAsync("tick", Patience);

        process.Pause();

        (await StateAsync(process.Id)).ShouldBe('T');
        process.Resume();
        var mark = process.LineCount;
        await process.WaitForLineAsync("tick", Patience, after: mark);
    }

    [Fact]
    public async Task Stop_lets_it_end_in_its_own_way_also_when_paused()
    {
        await using var process = Shell(
            "trap 'echo bye; exit 7' TERM; echo ready; while true; do sleep 0.01; done");
        await process.WaitForLineAsync("ready", Patience);
        process.Pause();

        (await process.StopAsync(Patience)).ShouldBe(7);

        process.Output().ShouldEndWith("bye");
    }

    [Fact]
    public async Task A_process_that_does_not_stop_in_time_is_killed_and_shown()
    {
        await using var process = Shell("trap '' TERM; echo deaf; while true; do sleep 0.01; done");
        await process.WaitForLineAsync("deaf", Patience);

        var failure = await Should.ThrowAsync<InvalidOperationException>(
            () => process.StopAsync(TimeSpan.FromMilliseconds(100)));

        failure.Message.ShouldContain("deaf");
        (await process.ExitAsync(Patience)).ShouldBe(Killed);
    }

    [Fact]
    public async Task Dispose_leaves_no_process_of_it_behind()
    {
        var process = Shell("sleep 1000 & echo $!; wait");
        var child = int.Parse(
            await process.WaitForLineAsync(line => line.Length > 0, "no child id", Patience),
            System.Globalization.CultureInfo.InvariantCulture);

        await process.DisposeAsync();

        // A killed child that nobody has waited for yet is a zombie: dead, but still listed.
        (await StateAsync(process.Id)).ShouldBeOneOf('-', 'Z');
        (await StateAsync(child)).ShouldBeOneOf('-', 'Z');
    }

    private static ServiceProcess Sleep() =>
        ServiceProcess.Start(
            new ServiceProcessOptions { Name = "sleep", FileName = "sleep", Arguments = ["1000"] });

    private static ServiceProcess Shell(string script) =>
        ServiceProcess.Start(new ServiceProcessOptions
        {
            Name = "shell",
            FileName = "bash",
            Arguments = ["-c", script],
        });

    private static async Task<char> StateAsync(int processId)
    {
        var path = $"/proc/{processId}/stat";
        if (!File.Exists(path))
        {
            return '-';
        }
        var text = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
        return text[text.LastIndexOf(')') + 2];
    }
}
