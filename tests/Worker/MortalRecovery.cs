using System.Diagnostics;
using Muster.Hosting;
using Muster.Recovery;

namespace Muster.Worker;

/// <summary>
/// The recovery service, configured by its environment as ever, that kills itself with SIGKILL at a point of
/// the first recovery it works on: see <see cref="Recovery.Executing.ExecutionPoints"/>.
/// </summary>
internal static class MortalRecovery
{
    public static Task<int> RunAsync(string point) => ServiceProcess.RunAsync(
        [], "recovery replica", services => services.AddMusterRecovery(async (_, at) =>
        {
            if (at == point)
            {
                Process.GetCurrentProcess().Kill();
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System); // not one step further
            }
        }));
}
