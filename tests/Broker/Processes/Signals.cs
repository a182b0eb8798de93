using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Muster.Broker;

/// <summary>Signals to a process by its id, which .NET itself does not send.</summary>
internal static class Signals
{
    private const int NoSuchProcess = 3;
    private static readonly bool IsLinux = OperatingSystem.IsLinux();

    public static void Terminate(int processId) => Send(processId, 15);

    public static void Stop(int processId) => Send(processId, IsLinux ? 19 : 17);

    public static void Continue(int processId) => Send(processId, IsLinux ? 18 : 19);

    private static void Send(int processId, int signal)
    {
        var failed = kill(processId, signal) != 0;
        if (failed && Marshal.GetLastPInvokeError() is var error and not NoSuchProcess)
        {
            throw new Win32Exception(error);
        }
    }

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int kill(int processId, int signal);
}
