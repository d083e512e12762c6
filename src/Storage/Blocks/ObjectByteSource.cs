using Deucalion.Common.Objects;

namespace Deucalion.Storage.Blocks;

/// <summary>An object of a bucket, read by ranges.</summary>
public sealed class ObjectByteSource(IObjectStore store, string key, long length) : IByteSource
{
    /// <inheritdoc/>
    public long Length { get; } = length;

    /// <inheritdoc/>
    public bool IsMapped => false;

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Span(long offset, int length) => throw new NotSupportedException("the object is not mapped");

    /// <inheritdoc/>
    public async ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        if (offset < 0 || offset > Length - destination.Length)
        {
            throw new CorruptBlockException($"{key}: no bytes [{offset}, +{destination.Length}) in an object of {Length}");
        }

        var read = await store.GetRangeAsync(key, offset, destination, cancellationToken);
        if (read < destination.Length)
        {
            throw new CorruptBlockException($"{key}: got {read} of {destination.Length} bytes at {offset}");
        }
    }

    /// <summary>Nothing is held.</summary>
    public void Dispose()
    {
    }
}
