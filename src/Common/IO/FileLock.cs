using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Deucalion.Common.IO;

/// <summary>An exclusive lock on a local file (flock) that the kernel releases when the process dies. Held until disposed.</summary>
public sealed class FileLock : IDisposable
{
    private readonly SafeFileHandle _handle;

    private FileLock(SafeFileHandle handle)
    {
        _handle = handle;
    }

    /// <summary>Takes the lock, creating the file where absent; null where someone else holds it.</summary>
    public static FileLock? TryAcquire(string path) => Acquire(path, LinuxNative.LockExclusive | LinuxNative.LockNonBlocking);

    /// <summary>Takes the lock and waits for whoever holds it. Blocks the thread.</summary>
    public static FileLock Acquire(string path) => Acquire(path, LinuxNative.LockExclusive)!;

    /// <summary>Whether the path lies on a network file system, where locks and renames do not hold what they promise.</summary>
    public static bool IsOnNetwork(string path) => new DriveInfo(Path.GetFullPath(path)).DriveType == DriveType.Network;

    /// <summary>Releases the lock.</summary>
    public void Dispose() => _handle.Dispose();

    private static FileLock? Acquire(string path, int operation)
    {
        // Not through the base library, which takes a lock of its own on what it opens.
        var flags = LinuxNative.OpenReadWrite | LinuxNative.OpenCreate | LinuxNative.OpenCloseOnExec;
        var descriptor = LinuxNative.Open(path, flags, LinuxNative.OwnerReadWrite);
        if (descriptor < 0)
        {
            throw LinuxNative.Failure("open", path, Marshal.GetLastPInvokeError());
        }

        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        while (LinuxNative.Lock(handle, operation) != 0)
        {
            var errno = Marshal.GetLastPInvokeError();
            if (errno == LinuxNative.ErrorInterrupted)
            {
                continue;
            }

            handle.Dispose();
            return errno == LinuxNative.ErrorWouldBlock ? null : throw LinuxNative.Failure("lock", path, errno);
        }

        return new FileLock(handle);
    }
}
