using System.Runtime.InteropServices;

namespace OrleansDfs.AppHost.Local;

/// <summary>kill(2). Windows has no signals: there the end of standard input is what asks a child to stop.</summary>
static partial class Signal
{
    public const int Terminate = 15;

    /// <summary>Sends the signal; false if there is no such process any more.</summary>
    public static bool Send(int pid, int signal) => !OperatingSystem.IsWindows() && Kill(pid, signal) == 0;

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Kill(int pid, int signal);
}
