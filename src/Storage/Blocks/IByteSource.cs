namespace Deucalion.Storage.Blocks;

/// <summary>The bytes of one immutable file or object. Thread-safe; nothing may be read, and no span used, after disposal.</summary>
public interface IByteSource : IDisposable
{
    /// <summary>Number of bytes.</summary>
    long Length { get; }

    /// <summary>Whether <see cref="Span"/> can be used: the bytes lie in the address space.</summary>
    bool IsMapped { get; }

    /// <summary>
    /// Bytes in place, without a copy; only where <see cref="IsMapped"/>. A range beyond the end is <see cref="CorruptBlockException"/>.
    /// </summary>
    ReadOnlySpan<byte> Span(long offset, int length);

    /// <summary>Fills the destination with the bytes at an offset. A range beyond the end is <see cref="CorruptBlockException"/>.</summary>
    ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken);
}
