using System.Runtime.InteropServices;

namespace Deucalion.Storage.Memory;

/// <summary>Memory that the process has freed and still holds.</summary>
public static partial class FreedMemory
{
    private const long LargeHeap = 256 << 20;

    /// <summary>
    /// Gives back what the last piece of work has left. Large arrays wait for a collection of the oldest generation, which may be long in coming, the
    /// pages they leave behind for a compacting one. A small heap takes some ten milliseconds for that, which is why this
    /// is for work done a few times an hour; a large heap is collected beside the work.
    /// </summary>
    public static void GiveBack()
    {
        if (GC.GetTotalMemory(forceFullCollection: false) < LargeHeap)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        }
        else
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: false);
        }

        TrimNativeHeap();
    }

    // The compiler of the runtime works in memory of the C library, on whatever thread it runs, and each thread has an arena that keeps what was freed.
    private static void TrimNativeHeap()
    {
        try
        {
            _ = MallocTrim(0);
        }
        catch (EntryPointNotFoundException)
        {
            // Not every C library has it, nor arenas.
        }
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int MallocTrim(nuint keep);
}
