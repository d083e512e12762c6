using System.Runtime.InteropServices;

namespace Deucalion.Storage.Memory;

/// <summary>Memory straight from the kernel, page by page.</summary>
internal static unsafe partial class LinuxMemory
{
    private const int ReadAndWrite = 0x1 | 0x2;
    private const int PrivateAnonymous = 0x2 | 0x20;
    private const int DontNeed = 4;
    private const nint Failed = -1;

    /// <summary>Maps zeros; pages become resident when they are touched.</summary>
    /// <exception cref="OutOfMemoryException">The kernel refuses.</exception>
    public static byte* Map(long bytes)
    {
        var address = Map(0, (nuint)bytes, ReadAndWrite, PrivateAnonymous, -1, 0);
        return address != Failed ? (byte*)address : throw new OutOfMemoryException($"{bytes} bytes could not be mapped: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    /// <summary>Ends a mapping.</summary>
    public static void Unmap(byte* start, long bytes) => _ = Unmap((nint)start, (nuint)bytes);

    /// <summary>Gives the whole pages of a range back and keeps its addresses: they read as zeros.</summary>
    public static void Discard(byte* start, long bytes)
    {
        var mask = (nint)Environment.SystemPageSize - 1;
        var first = ((nint)start + mask) & ~mask;
        var end = ((nint)start + (nint)bytes) & ~mask;
        if (first < end)
        {
            // Only an optimisation: memory that the kernel does not take back is used again.
            _ = Advise(first, (nuint)(end - first), DontNeed);
        }
    }

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int descriptor, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint length);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint address, nuint length, int advice);
}
