using System.Text;
using Muster.Recovery.Machine;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Recovery;

public sealed class RecoveryEntryTests
{
    [Theory]
    [InlineData("{}")]
    [InlineData("{\"version\":2,\"commands\":[]}")]
    [InlineData("{\"version\":1,\"commands\":[{}]}")]
    [InlineData("{\"version\":1,\"commands\":[null]}")]
    [InlineData("{\"version\":1,\"commands\":[{\"group\":{}}]}")]
    [InlineData("{\"version\":1,\"commands\":[{\"claimRecovery\":{},\"stepDone\":{}}]}")]
    [InlineData("[")]
    public void What_is_no_entry_of_this_build_stops_the_replica(string body) =>
        Should.Throw<FormatException>(() => RecoveryEntryCodec.Read(Encoding.UTF8.GetBytes(body)));

    [Fact]
    public void Only_whole_commands_are_written()
    {
        Should.Throw<ArgumentException>(() => RecoveryEntryCodec.Write(new() { Commands = [new()] }));
        Should.Throw<ArgumentException>(() => RecoveryEntryCodec.Write(
            new() { Commands = [new() { Group = new() { Genesis = new() { Epoch = -1 } } }] }));
    }

    [Theory]
    [InlineData("registerPolicy")]
    [InlineData("registerStandby")]
    [InlineData("withdrawStandby")]
    [InlineData("promoteStandby")]
    [InlineData("confirmPromotion")]
    [InlineData("removeGroup")]
    [InlineData("updateState")]
    [InlineData("nodeFailed")]
    [InlineData("nodeRestored")]
    [InlineData("claimRecovery")]
    [InlineData("stepDone")]
    public void Missing_and_null_fields_end_in_an_answer_and_not_in_an_exception(string kind)
    {
        var script = new RecoveryScript();
        var before = script.Machine.GroupCount;
        foreach (var fields in new[]
        {
            "",
            "\"commandId\":null,\"group\":null,\"member\":null,\"state\":null,\"node\":null,\"event\":null",
        })
        {
            var body = $"{{\"version\":1,\"commands\":[{{\"{kind}\":{{{fields}}}}}]}}";
            script.Machine.Apply(new()
            {
                Index = new(script.Machine.LastIndex.Value + 1),
                LogTime = script.LogTime,
                Body = Encoding.UTF8.GetBytes(body),
            });
        }
        script.Machine.GroupCount.ShouldBe(before);
    }
}
