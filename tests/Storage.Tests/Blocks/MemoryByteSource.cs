using Deucalion.Storage.Blocks;

namespace Deucalion.Storage.Tests.Blocks;

/// <summary>Bytes in memory that pose as a file which is not mapped.</summary>
internal sealed class MemoryByteSource(byte[] bytes) : IByteSource
{
    public int Reads { get; private set; }

    public long Length => bytes.Length;

    public bool IsMapped => false;

    public ReadOnlySpan<byte> Span(long offset, int length) => throw new NotSupportedException();

    public ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        Reads++;
        if (offset < 0 || offset > bytes.Length - destination.Length)
        {
            throw new CorruptBlockException("beyond the end");
        }

        bytes.AsMemory((int)offset, destination.Length).CopyTo(destination);
        return ValueTask.CompletedTask;
    }

    public void Dispose()
    {
    }
}
