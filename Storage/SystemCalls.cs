using System.Reflection;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace OrleansDfs.Storage;

/// <summary>
/// The calls that .NET hides or lacks. Durability stands on this file: <c>RandomAccess.FlushToDisk</c> and <c>FileStream.Flush(true)</c> return
/// normally when fsync(2) fails (seen with .NET 10.0.12), so every sync is called here with its return code checked. EINTR is retried; nothing else
/// is (P9).
/// </summary>
internal static partial class SystemCalls
{
    private const int ErrorInterrupted = 4;
    private const int ReadNoWait = 8; // RWF_NOWAIT
    private const int FullFsync = 51; // macOS fcntl F_FULLFSYNC: fsync there leaves the bytes in the drive's cache
    private const int AdviceDontNeed = 4; // POSIX_FADV_DONTNEED
    private const int LockExclusive = 2, LockNonBlocking = 4;
    private const int OpenCloseOnExecLinux = 0x80000, OpenCloseOnExecMac = 0x1000000;

    private static volatile bool _hasReadNoWait = OperatingSystem.IsLinux();

    /// <summary>libc is looked up through the main program first, so that a preloaded shim that injects errors is met like by any native
    /// program.</summary>
    static SystemCalls() => NativeLibrary.SetDllImportResolver(typeof(SystemCalls).Assembly, FindLibrary);

    /// <summary>Makes a file's bytes and the length they need durable. False: the disk has failed to, and may have dropped them.</summary>
    public static bool SyncData(SafeFileHandle file) => OperatingSystem.IsLinux() ? Retried(file, fdatasync) : SyncAll(file);

    /// <summary>Makes a file's bytes and all its metadata durable.</summary>
    public static bool SyncAll(SafeFileHandle file)
    {
        if (OperatingSystem.IsWindows()) return FlushFileBuffers(file);
        return OperatingSystem.IsMacOS() ? Retried(file, static f => fcntl(f, FullFsync)) : Retried(file, fsync);
    }

    /// <summary>Makes the names in a folder durable. Windows has no such call: NTFS journals its names in order.</summary>
    public static bool SyncFolder(string path)
    {
        if (OperatingSystem.IsWindows()) return true;
        var descriptor = open(path, OperatingSystem.IsMacOS() ? OpenCloseOnExecMac : OpenCloseOnExecLinux);
        if (descriptor < 0) return false;
        using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        return SyncAll(handle);
    }

    /// <summary>flock, beside the one that .NET takes with <c>FileShare.None</c>: a setting of the environment can switch .NET's off.</summary>
    public static bool TryLock(SafeFileHandle file) =>
        OperatingSystem.IsWindows() || Retried(file, static f => flock(f, LockExclusive | LockNonBlocking));

    /// <summary>Asks to forget a file's clean pages. Advice: elsewhere than on Linux nothing happens and a re-read may come from memory.</summary>
    public static void DropCache(SafeFileHandle file)
    {
        if (OperatingSystem.IsLinux()) _ = posix_fadvise(file, 0, 0, AdviceDontNeed);
    }

    /// <summary>
    /// Reads what the page cache holds and never waits for the disk. False: not all of it is there (or the system cannot tell); <paramref
    /// name="count"/> bytes were read all the same. True: the buffer is full or the file has ended.
    /// </summary>
    public static unsafe bool TryReadCached(SafeFileHandle file, long offset, Span<byte> buffer, out int count)
    {
        count = 0;
        if (!_hasReadNoWait) return false;
        try
        {
            fixed (byte* start = buffer)
            {
                while (count < buffer.Length)
                {
                    var vector = new IoVector { Base = start + count, Length = (nuint)(buffer.Length - count) };
                    var read = (int)preadv2(file, &vector, 1, offset + count, ReadNoWait);
                    if (read == 0) return true;
                    if (read < 0)
                    {
                        // EOPNOTSUPP, EINVAL: this file system or kernel lacks it. EAGAIN: not cached. EIO: the waiting read meets it again and
                        // reports it.
                        if (Marshal.GetLastPInvokeError() is 95 or 22 or 38) _hasReadNoWait = false;
                        return false;
                    }
                    count += read;
                }
            }
            return true;
        }
        catch (EntryPointNotFoundException)
        {
            _hasReadNoWait = false; // an older musl
            return false;
        }
    }

    private static bool Retried(SafeFileHandle file, Func<SafeFileHandle, int> call)
    {
        int result;
        do result = call(file);
        while (result < 0 && Marshal.GetLastPInvokeError() == ErrorInterrupted);
        return result >= 0;
    }

    private static IntPtr FindLibrary(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != "libc" || !OperatingSystem.IsLinux()) return IntPtr.Zero;
        var program = NativeLibrary.GetMainProgramHandle();
        var complete = NativeLibrary.TryGetExport(program, "fdatasync", out _) && NativeLibrary.TryGetExport(program, "preadv2", out _);
        return complete ? program : IntPtr.Zero;
    }

    private unsafe struct IoVector
    {
        public byte* Base;
        public nuint Length;
    }

#pragma warning disable IDE1006, SYSLIB1054 // names are the system's own
    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(SafeFileHandle file);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fdatasync(SafeFileHandle file);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fcntl(SafeFileHandle file, int command);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int flock(SafeFileHandle file, int operation);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc")]
    private static partial int posix_fadvise(SafeFileHandle file, long offset, long length, int advice);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint preadv2(SafeFileHandle file, IoVector* vectors, int count, long offset, int flags);

    [LibraryImport("kernel32", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool FlushFileBuffers(SafeFileHandle file);
#pragma warning restore IDE1006, SYSLIB1054
}
