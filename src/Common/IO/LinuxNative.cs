using System.Runtime.InteropServices;

namespace Deucalion.Common.IO;

/// <summary>The system calls that .NET does not offer: data sync, directory sync, advisory locks that die with the process.</summary>
internal static partial class LinuxNative
{
    public const int OpenReadOnly = 0;
    public const int OpenReadWrite = 2;
    public const int OpenCreate = 0x40;
    public const int OwnerReadWrite = 0x180;
    public const int OpenDirectory = 0x10000;
    public const int OpenCloseOnExec = 0x80000;
    public const int LockExclusive = 2;
    public const int LockNonBlocking = 4;
    public const int ErrorInterrupted = 4;
    public const int ErrorWouldBlock = 11;
    public const int ErrorAccess = 13;
    public const int ErrorInvalid = 22;
    public const int ErrorNoSpace = 28;
    public const int ErrorReadOnly = 30;
    public const int ErrorQuota = 122;

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    public static partial int Sync(int descriptor);

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    public static partial int DataSync(SafeHandle file);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    public static partial int Lock(SafeHandle file, int operation);

    /// <summary>The exception for an errno.</summary>
    public static IOException Failure(string what, string path, int errno)
    {
        var message = $"{what} {path}: {Marshal.GetPInvokeErrorMessage(errno)}";
        return errno is ErrorNoSpace or ErrorQuota ? new DiskFullException(message, null) : new IOException(message, errno);
    }

    /// <summary>Translates what the base library throws into the failures that <see cref="IDisk"/> promises.</summary>
    public static IOException Translate(string what, string path, Exception exception) => exception switch
    {
        IOException { HResult: ErrorNoSpace or ErrorQuota } => new DiskFullException($"{what} {path}: {exception.Message}", exception),
        IOException io => io,
        _ => new IOException($"{what} {path}: {exception.Message}", exception),
    };
}
