using Muster.Client;
using Muster.Testing;

namespace Muster.Samples.Tests;

internal static class Histories
{
    public static async Task<CheckResult> CheckAsync(ILocks locks, TimeSpan ttl)
    {
        var stop = CancellationToken.None;
        #region readme history
        var recorder = new HistoryRecorder();
        using (var call = recorder.Invoke(process: 1, "acquire", "jobs/nightly"))   // throws: outcome unknown
        {
            call.Ok(token: (await locks.AcquireAsync("jobs/nightly", ttl, stop)).FencingToken.Value);
        }
        // Not given back: killed, broken, its lease ran out. It ended at some time since, or never.
        recorder.Lost(process: 1, "release", "jobs/nightly");
        // Ok, NotOk with the part, or Unknown.
        var result = LinearizabilityChecker.Check(recorder.ToHistory(), Models.Find("fenced-mutex")!);
        #endregion
        return result;
    }
}
