using System.Buffers;

namespace Deucalion.Storage.Blocks;

/// <summary>
/// The buffers of blocks that are being written. Pools of their own: the shared ones keep an array for every thread that ever returned one, and blocks
/// are written a few at a time by whatever threads are free.
/// </summary>
internal static class BlockBuffers
{
    /// <summary>Bytes on their way into a file.</summary>
    public const int FileBytes = 1 << 18;

    /// <summary>Numbers in a page of postings.</summary>
    public const int PostingsNumbers = 1 << 18;

    /// <summary>Buffers of files; two are open for each block. Thread-safe.</summary>
    public static ArrayPool<byte> Files { get; } = ArrayPool<byte>.Create(FileBytes, maxArraysPerBucket: 8);

    /// <summary>Pages of postings: a small block needs one, a large one lets the rest go. Thread-safe.</summary>
    public static ArrayPool<uint> Postings { get; } = ArrayPool<uint>.Create(PostingsNumbers, maxArraysPerBucket: 4);
}
