using System.Buffers;

namespace Deucalion.Common.Memory;

/// <summary>
/// Memory for columns of any type, in pages of one size: what one column gives back serves any other, so that a query of any size leaves next to no
/// garbage. Smaller pieces come from the shared pool. Thread-safe.
/// </summary>
internal static class PagePool
{
    /// <summary>Bytes of a page: large enough that the collector never moves one.</summary>
    public const int PageBytes = 1 << 17;

    // 64 MiB: what a query over some hundred thousand series needs. Those beyond leave garbage instead of keeping memory for good.
    private const int MaxKept = 512;

    private static readonly Lock Gate = new();
    private static readonly Stack<byte[]> Kept = new();

    /// <summary>At least so many bytes of any content.</summary>
    public static byte[] Rent(int length)
    {
        if (length == PageBytes)
        {
            lock (Gate)
            {
                if (Kept.TryPop(out var page))
                {
                    return page;
                }
            }

            return GC.AllocateUninitializedArray<byte>(PageBytes);
        }

        return ArrayPool<byte>.Shared.Rent(length);
    }

    /// <summary>Takes back what <see cref="Rent"/> gave.</summary>
    public static void Return(byte[] page)
    {
        if (page.Length != PageBytes)
        {
            ArrayPool<byte>.Shared.Return(page);
            return;
        }

        lock (Gate)
        {
            if (Kept.Count < MaxKept)
            {
                Kept.Push(page);
            }
        }
    }
}
