using System.Buffers.Binary;
using Deucalion.Common.Hashing;
using Deucalion.Storage.Blocks;

namespace Deucalion.Storage.Index;

/// <summary>
/// An index whose symbols and tables are read from a local index header and the rest, postings and series, from the index itself: opening it
/// asks nothing of the index. Owns both sources.
/// </summary>
public sealed class IndexHeaderSource : IByteSource
{
    private readonly IByteSource _header;
    private readonly IByteSource _index;
    private readonly IndexToc _toc;
    private readonly long _symbols;
    private readonly long _postings;
    private readonly byte _version;

    private IndexHeaderSource(IByteSource header, IByteSource index, IndexToc toc, long symbols, long postings, byte version)
    {
        _header = header;
        _index = index;
        _toc = toc;
        _symbols = symbols;
        _postings = postings;
        _version = version;
    }

    /// <inheritdoc/>
    public long Length => _index.Length;

    /// <inheritdoc/>
    public bool IsMapped => false;

    /// <summary>Opens a header with the index it was made from. A damaged header, or one of another index, is <see cref="CorruptBlockException"/>; it can be written again.</summary>
    public static async ValueTask<IndexHeaderSource> OpenAsync(IByteSource header, IByteSource index, CancellationToken cancellationToken)
    {
        if (header.Length < IndexHeader.PrefixSize + IndexFormat.TocSize + IndexHeader.TocSize)
        {
            throw new CorruptBlockException("index header: the file is too short");
        }

        byte version;
        using (var prefix = await ByteWindow.FetchAsync(header, 0, IndexHeader.PrefixSize, cancellationToken))
        {
            if (BinaryPrimitives.ReadUInt32BigEndian(prefix.Span) != IndexHeader.Magic || prefix.Span[4] != IndexHeader.Version)
            {
                throw new CorruptBlockException("index header: the file does not begin as one");
            }

            version = prefix.Span[5];
        }

        var end = header.Length - IndexHeader.TocSize;
        long symbols, postings;
        using (var own = await ByteWindow.FetchAsync(header, end, IndexHeader.TocSize, cancellationToken))
        {
            if (Crc32C.Compute(own.Span[..16]) != BinaryPrimitives.ReadUInt32BigEndian(own.Span[16..]))
            {
                throw new CorruptBlockException("index header: checksum of the table of contents does not match");
            }

            symbols = BinaryPrimitives.ReadInt64BigEndian(own.Span);
            postings = BinaryPrimitives.ReadInt64BigEndian(own.Span[8..]);
        }

        IndexToc toc;
        using (var tail = await ByteWindow.FetchAsync(header, end - IndexFormat.TocSize, IndexFormat.TocSize, cancellationToken))
        {
            toc = IndexToc.Parse(tail.Span, index.Length);
        }

        var fits = symbols == IndexHeader.PrefixSize && postings - symbols == toc.Series - toc.Symbols && postings > symbols
            && end - postings == index.Length - toc.PostingsTable;
        return fits
            ? new IndexHeaderSource(header, index, toc, symbols, postings, version)
            : throw new CorruptBlockException("index header: it is not that of the index");
    }

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Span(long offset, int length) => throw new NotSupportedException("the index is not mapped");

    /// <inheritdoc/>
    public ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        var end = offset + destination.Length;
        if (offset == 0 && destination.Length == IndexFormat.HeaderSize)
        {
            BinaryPrimitives.WriteUInt32BigEndian(destination.Span, IndexFormat.Magic);
            destination.Span[4] = _version;
            return ValueTask.CompletedTask;
        }

        if (offset >= _toc.Symbols && offset < _toc.Series)
        {
            // Longer than the section that begins here: its length in the header is wrong.
            return end <= _toc.Series
                ? _header.ReadAsync(_symbols + offset - _toc.Symbols, destination, cancellationToken)
                : throw new CorruptBlockException("index header: the symbols do not end where the series begin");
        }

        return offset >= _toc.PostingsTable && end <= Length
            ? _header.ReadAsync(_postings + offset - _toc.PostingsTable, destination, cancellationToken)
            : _index.ReadAsync(offset, destination, cancellationToken);
    }

    /// <summary>Lets go of header and index.</summary>
    public void Dispose()
    {
        _header.Dispose();
        _index.Dispose();
    }
}
