using System.Buffers;

namespace Deucalion.Ingester.Push;

/// <summary>
/// The buffers of requests that are being read. A pool of their own: the shared one keeps one of each size for every thread that ever returned it,
/// which for buffers of a megabyte is more than the requests under way need.
/// </summary>
internal static class PushBuffers
{
    // Longer ones are rare and not kept.
    private const int Longest = 16 << 20;

    /// <summary>The pool. Thread-safe.</summary>
    public static ArrayPool<byte> Pool { get; } = ArrayPool<byte>.Create(Longest, 4 * Environment.ProcessorCount);
}
