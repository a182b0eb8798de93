using System.Text;
using Muster.Contracts.Detector;
using Muster.Detector.Machine;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Detector;

/// <summary>A proposal that seemed lost is sent again, and comes behind what was said since.</summary>
public sealed class LateVoteTests
{
    [Fact]
    public void A_late_copy_of_an_accusation_takes_back_no_newer_word()
    {
        var script = new VotingScript();
        script.Votes("d1 a/i Failed Path #s1=1").Count.ShouldBe(1);
        script.Votes("d1 a/i Alive #s1=2; d2 a/i Failed Path #s2=1").ShouldBeEmpty();

        script.Votes("d1 a/i Failed Path #s1=1").ShouldBeEmpty();

        script.Of("a")!.Status.ShouldBe(NodeStatus.Suspected);
        script.Votes("d1 a/i Failed Path #s1=3").ShouldBe(["2 failed a/i Path d1,d2"]);
    }

    /// <summary>The newer word counts no more, and the older one does not come back for it.</summary>
    [Fact]
    public void Nor_does_it_when_that_word_was_taken_away_since()
    {
        var script = new VotingScript();
        script.Votes("d1 a/i Failed Path #s1=1; d1 a/i Alive #s1=2; d3 a/i Alive #s3=1")
            .ShouldBe(["1 suspected a/i Path d1", "2 restored a/i Suspected"]);
        script.Votes("d2 a/i Failed Path #s2=1").ShouldBe(["3 suspected a/i Path d2"]);
        script.Machine.Restore(script.Machine.TakeSnapshot());

        script.Votes("d1 a/i Failed Path #s1=1").ShouldBeEmpty();

        script.Of("a")!.Status.ShouldBe(NodeStatus.Suspected);
    }

    [Fact]
    public void The_next_process_of_a_detector_begins_anew_and_an_older_build_has_no_numbers()
    {
        var script = new VotingScript();
        script.Votes("d1 a/i Failed Path #s1=7").Count.ShouldBe(1);
        script.Votes("d1 a/i Alive #s9=1; d2 a/i Alive").ShouldBe(["2 restored a/i Suspected"]);
        script.Votes("d1 a/i Failed Path; d2 a/i Failed Path")
            .ShouldBe(["3 suspected a/i Path d1", "4 failed a/i Path d1,d2"]);
    }

    [Fact]
    public void Entries_and_snapshots_from_before_there_were_numbers_are_read()
    {
        var script = new VotingScript();
        script.Machine.Apply(script.Entry() with
        {
            Body = Encoding.UTF8.GetBytes(
                """{"version":1,"commands":[{"vote":{"detector":"d1","node":"a","incarnation":"i","""
                + """ "status":"Failed","cause":"Path"}}]}"""),
        }).Count.ShouldBe(1);
        var now = Encoding.UTF8.GetString(script.Machine.TakeSnapshot());
        const string Numbers = ",\"number\":0,\"from\":\"\"";
        const string Spent = ",\"spent\":[]";
        var before = now.Replace(Numbers, "", StringComparison.Ordinal)
            .Replace(Spent, "", StringComparison.Ordinal);
        before.Length.ShouldBe(now.Length - Numbers.Length - Spent.Length);

        var digest = script.Machine.Digest();
        script.Machine.Restore(Encoding.UTF8.GetBytes(before));

        script.Machine.Digest().ShouldBe(digest, "a replica that read the entries themselves has the same");
        script.Votes("d2 a/i Failed Path #s2=1").ShouldBe(["2 failed a/i Path d1,d2"]);
    }
}
