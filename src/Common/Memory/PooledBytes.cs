namespace Deucalion.Common.Memory;

/// <summary>Where bytes lie in <see cref="PooledBytes"/>.</summary>
public readonly record struct BytePlace(int Segment, int Offset);

/// <summary>
/// Pieces of bytes in pooled segments, which grow with what they take in: most lists of pieces are short. Written by one thread, then read by
/// many; <see cref="Release"/> gives the segments back, and must not come before the last reader has left.
/// </summary>
public sealed class PooledBytes
{
    private const int SmallestSegment = 1 << 10;

    private readonly List<byte[]> _segments = [];
    private int _used;

    /// <summary>Bytes of the segments.</summary>
    public long Bytes { get; private set; }

    /// <summary>Makes room for a piece, to be written into <paramref name="piece"/>; returns its place.</summary>
    public BytePlace Add(int length, out Span<byte> piece)
    {
        if (_segments.Count == 0 || _used + length > _segments[^1].Length)
        {
            var size = _segments.Count == 0 ? SmallestSegment : Math.Min(PagePool.PageBytes, 4 * _segments[^1].Length);
            _segments.Add(PagePool.Rent(Math.Max(size, length)));
            Bytes += _segments[^1].Length;
            _used = 0;
        }

        var place = new BytePlace(_segments.Count - 1, _used);
        piece = _segments[^1].AsSpan(_used, length);
        _used += length;
        return place;
    }

    /// <summary>Adds a piece.</summary>
    public BytePlace Add(ReadOnlySpan<byte> bytes)
    {
        var place = Add(bytes.Length, out var piece);
        bytes.CopyTo(piece);
        return place;
    }

    /// <summary>A piece.</summary>
    public ReadOnlySpan<byte> At(BytePlace place, int length) => _segments[place.Segment].AsSpan(place.Offset, length);

    /// <summary>Forgets all pieces and gives the memory back.</summary>
    public void Release()
    {
        foreach (var segment in _segments)
        {
            PagePool.Return(segment);
        }

        _segments.Clear();
        (_used, Bytes) = (0, 0);
    }
}
