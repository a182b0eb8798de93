using System.Runtime.InteropServices;
using Muster.Load.Measuring;

namespace Muster.Load.Requests;

/// <summary>
/// Calls at a fixed rate, whatever becomes of the calls before: each millisecond its share, with the time
/// that the millisecond was due. A late tick keeps its due time, so that lateness counts as waiting.
/// </summary>
/// <remarks>A thread that sleeps, since timers of the thread pool come a millisecond late and more.</remarks>
internal sealed class Pacer : IDisposable
{
    private const double TicksPerSecond = 1000;
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    private readonly double _perTick;
    private readonly Action<int, long> _release;
    private readonly Thread _thread;
    private volatile bool _isStopped;

    /// <param name="perSecond">Calls a second.</param>
    /// <param name="release">Gets how many are due, and when they were.</param>
    public Pacer(double perSecond, Action<int, long> release)
    {
        (_perTick, _release) = (perSecond / TicksPerSecond, release);
        _thread = new Thread(Run) { IsBackground = true, Name = "pacer" };
        _thread.Start();
    }

    public void Dispose()
    {
        _isStopped = true;
        _thread.Join();
    }

    private void Run()
    {
        var started = Clock.Now;
        for (long tick = 0; !_isStopped; tick++)
        {
            var due = Clock.After(started, tick * Tick);
            while (Clock.Nanoseconds(Clock.Now, due) is > 0 and var left)
            {
                var time = new TimeOfKernel { Seconds = 0, Nanoseconds = (nint)left };
                // A signal that interrupts it is no matter: the clock is read again.
                _ = nanosleep(ref time, IntPtr.Zero);
            }
            var count = (int)(Math.Floor((tick + 1) * _perTick) - Math.Floor(tick * _perTick));
            if (count > 0)
            {
                _release(count, due);
            }
        }
    }

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int nanosleep(ref TimeOfKernel requested, IntPtr remaining);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeOfKernel
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
