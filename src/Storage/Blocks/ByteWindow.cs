using System.Buffers;

namespace Deucalion.Storage.Blocks;

/// <summary>A range of a source: in place where it is mapped, else a copy. Disposed by who fetched it.</summary>
internal readonly struct ByteWindow : IDisposable
{
    private readonly IByteSource? _source;
    private readonly byte[]? _copy;
    private readonly bool _pooled;

    private ByteWindow(IByteSource? source, byte[]? copy, bool pooled, long offset, int length)
    {
        _source = source;
        _copy = copy;
        _pooled = pooled;
        Offset = offset;
        Length = length;
    }

    public ByteWindow(byte[] bytes)
        : this(null, bytes, false, 0, bytes.Length)
    {
    }

    /// <summary>Where in the source it begins.</summary>
    public long Offset { get; }

    public int Length { get; }

    public ReadOnlySpan<byte> Span =>
        _copy is not null ? _copy.AsSpan(0, Length) : _source is null ? default : _source.Span(Offset, Length);

    /// <summary>For one use: a copy lies in pooled memory.</summary>
    public static ValueTask<ByteWindow> FetchAsync(IByteSource source, long offset, int length, CancellationToken cancellationToken) =>
        source.IsMapped ? new(InPlace(source, offset, length)) : CopyAsync(source, offset, length, true, cancellationToken);

    /// <summary>For as long as the source is open.</summary>
    public static ValueTask<ByteWindow> KeepAsync(IByteSource source, long offset, int length, CancellationToken cancellationToken) =>
        source.IsMapped ? new(InPlace(source, offset, length)) : CopyAsync(source, offset, length, false, cancellationToken);

    public void Dispose()
    {
        if (_pooled && _copy is not null)
        {
            ArrayPool<byte>.Shared.Return(_copy);
        }
    }

    private static ByteWindow InPlace(IByteSource source, long offset, int length)
    {
        // Fails here, not later, where the range does not exist.
        _ = source.Span(offset, length);
        return new ByteWindow(source, null, false, offset, length);
    }

    private static async ValueTask<ByteWindow> CopyAsync(
        IByteSource source, long offset, int length, bool pooled, CancellationToken cancellationToken)
    {
        if (offset < 0 || length < 0 || offset > source.Length - length)
        {
            throw new CorruptBlockException($"no bytes [{offset}, +{length}) in {source.Length}");
        }

        var copy = pooled ? ArrayPool<byte>.Shared.Rent(length) : new byte[length];
        await source.ReadAsync(offset, copy.AsMemory(0, length), cancellationToken);
        return new ByteWindow(null, copy, pooled, offset, length);
    }
}
