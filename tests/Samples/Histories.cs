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
        // Ok, NotOk with the part, or Unknown.
        var result = LinearizabilityChecker.Check(recorder.ToHistory(), Models.Find("fenced-mutex")!);
        #endregion
        return result;
    }
}
