using System.Buffers.Binary;
using Deucalion.Common.Labels;
using Deucalion.Storage.Blocks;
using MatchType = Deucalion.Common.Labels.MatchType;

namespace Deucalion.Storage.Index;

/// <summary>
/// Reads an index of version 1, 2 or 3. Symbols and the postings offset table stay at hand (in place where the file is mapped); postings
/// and series are fetched as asked. Thread-safe. Damage is <see cref="CorruptBlockException"/>.
/// </summary>
internal sealed class IndexReader
{
    // Lists closer together than this are fetched in one read.
    private const int CoalesceGap = 64 << 10;
    private const int MaxFetch = 16 << 20;
    private const int MaxLengthSize = 5;

    private readonly IByteSource _source;
    private readonly IndexToc _toc;

    private IndexReader(IByteSource source, IndexToc toc, int version, SymbolTable symbols, PostingsTable postings)
    {
        _source = source;
        _toc = toc;
        Version = version;
        Symbols = symbols;
        Postings = postings;
    }

    public int Version { get; }

    public SymbolTable Symbols { get; }

    public PostingsTable Postings { get; }

    /// <summary>Bytes that one step of a series number stands for.</summary>
    public int SeriesUnit => Version == 1 ? 1 : IndexFormat.SeriesAlignment;

    /// <summary>Where series entries end at the latest.</summary>
    public long SeriesEnd => _toc.LabelIndices > _toc.Series ? _toc.LabelIndices
        : _toc.Postings > _toc.Series ? _toc.Postings : _toc.PostingsTable;

    /// <summary>The source stays the caller's.</summary>
    public static async ValueTask<IndexReader> OpenAsync(IByteSource source, CancellationToken cancellationToken)
    {
        if (source.Length < IndexFormat.HeaderSize + IndexFormat.TocSize)
        {
            throw new CorruptBlockException("index: the file is too short");
        }

        int version;
        using (var header = await ByteWindow.FetchAsync(source, 0, IndexFormat.HeaderSize, cancellationToken))
        {
            if (BinaryPrimitives.ReadUInt32BigEndian(header.Span) != IndexFormat.Magic)
            {
                throw new CorruptBlockException("index: the file does not begin as an index");
            }

            version = header.Span[4];
        }

        if (version is 0 or > IndexFormat.MaxVersion)
        {
            throw new CorruptBlockException($"index: version {version} is not known");
        }

        IndexToc toc;
        using (var tail = await ByteWindow.FetchAsync(
            source, source.Length - IndexFormat.TocSize, IndexFormat.TocSize, cancellationToken))
        {
            toc = IndexToc.Parse(tail.Span, source.Length);
        }

        var symbols = await SymbolTable.LoadAsync(source, toc.Symbols, version == 1, cancellationToken);
        var postings = await PostingsTable.LoadAsync(source, toc, version, cancellationToken);
        return new IndexReader(source, toc, version, symbols, postings);
    }

    /// <summary>Numbers of the series that match all matchers, ascending. The set is the caller's.</summary>
    public async ValueTask<SeriesIdSet> SelectAsync(IReadOnlyList<LabelMatcher> matchers, CancellationToken cancellationToken)
    {
        SeriesIdSet? result = null;
        try
        {
            // Matchers that a series without the label fails narrow down; the cheap, selective equalities first.
            foreach (var matcher in matchers.Where(m => !m.MatchesEmpty).OrderBy(m => m.Type != MatchType.Equal))
            {
                var ranges = MatcherValues.Collect(Postings, matcher, true, cancellationToken);
                if (ranges.Count == 0)
                {
                    result?.Dispose();
                    return new SeriesIdSet();
                }

                await NarrowAsync(ranges);
                if (result!.Count == 0)
                {
                    return result;
                }
            }

            if (result is null)
            {
                result = new SeriesIdSet();
                if (Postings.TryFind(string.Empty, string.Empty, out var all))
                {
                    await ReadPostingsAsync([all], result, cancellationToken);
                }
            }

            // The others cut away the values they do not accept.
            foreach (var matcher in matchers.Where(m => m.MatchesEmpty))
            {
                if (result.Count == 0)
                {
                    break;
                }

                using var rejected = new SeriesIdSet();
                await ReadPostingsAsync(MatcherValues.Collect(Postings, matcher, false, cancellationToken), rejected, cancellationToken);
                result.Subtract(rejected);
            }

            return result;
        }
        catch
        {
            result?.Dispose();
            throw;
        }

        async ValueTask NarrowAsync(List<PostingsRange> ranges)
        {
            var ids = new SeriesIdSet();
            try
            {
                await ReadPostingsAsync(ranges, ids, cancellationToken);
                if (result is null)
                {
                    (result, ids) = (ids, null);
                }
                else
                {
                    result.IntersectWith(ids);
                }
            }
            finally
            {
                ids?.Dispose();
            }
        }
    }

    /// <summary>Adds the union of postings lists to an empty set and sorts it.</summary>
    public async ValueTask ReadPostingsAsync(List<PostingsRange> ranges, SeriesIdSet into, CancellationToken cancellationToken)
    {
        ranges.Sort(static (a, b) => a.Offset.CompareTo(b.Offset));
        for (var i = 0; i < ranges.Count;)
        {
            var first = ranges[i];
            var end = Math.Max(first.End, first.Offset + 8);
            var next = i + 1;
            while (next < ranges.Count && ranges[next].Offset - end < CoalesceGap && ranges[next].End - first.Offset < MaxFetch)
            {
                end = Math.Max(end, ranges[next++].End);
            }

            if (first.Offset < 0 || end - first.Offset > int.MaxValue || end > _source.Length)
            {
                throw new CorruptBlockException("index: postings lie outside the file");
            }

            using var window = await ByteWindow.FetchAsync(_source, first.Offset, (int)(end - first.Offset), cancellationToken);
            for (; i < next; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                AddList(window.Span[(int)(ranges[i].Offset - first.Offset)..], into);
            }
        }

        into.Sort();
    }

    /// <summary>One postings list as it is in the file.</summary>
    public async ValueTask<uint[]> ReadListAsync(PostingsRange range, CancellationToken cancellationToken)
    {
        var end = Math.Max(range.End, range.Offset + 8);
        if (range.Offset < 0 || end - range.Offset > int.MaxValue || end > _source.Length)
        {
            throw new CorruptBlockException("index: postings lie outside the file");
        }

        using var window = await ByteWindow.FetchAsync(_source, range.Offset, (int)(end - range.Offset), cancellationToken);
        using var ids = new SeriesIdSet();
        AddList(window.Span, ids);
        return ids.Ids.ToArray();
    }

    /// <summary>Numbers of the entries of the series section, whatever the postings say.</summary>
    public async ValueTask<SeriesIdSet> AllSeriesAsync(CancellationToken cancellationToken)
    {
        var ids = new SeriesIdSet();
        try
        {
            for (var at = Aligned(_toc.Series); at < SeriesEnd;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                using var window = await ByteWindow.FetchAsync(_source, at, (int)Math.Min(SeriesEnd - at, MaxFetch), cancellationToken);
                var next = Walk(window.Span, at, ids);
                if (next == at)
                {
                    break;
                }

                at = next;
            }

            return ids;
        }
        catch
        {
            ids.Dispose();
            throw;
        }
    }

    // Adds the whole entries of a part of the section; returns where the next begins, or where the part does if only padding is left.
    private long Walk(ReadOnlySpan<byte> part, long start, SeriesIdSet ids)
    {
        var at = start;
        while (at - start < part.Length)
        {
            var rest = part[(int)(at - start)..];
            if (rest[0] == 0)
            {
                return start;
            }

            var isLast = start + part.Length >= SeriesEnd;
            if (rest.Length < MaxLengthSize && !isLast)
            {
                return at;
            }

            if (!SeriesEntry.TryBody(rest, out _, out var size))
            {
                return isLast || at == start ? throw new CorruptBlockException("index: a series entry runs over the series section") : at;
            }

            ids.Add((uint)(at / SeriesUnit));
            at = Aligned(at + size);
        }

        return at;
    }

    private long Aligned(long offset) => (offset + SeriesUnit - 1) / SeriesUnit * SeriesUnit;

    private static void AddList(ReadOnlySpan<byte> section, SeriesIdSet into)
    {
        var list = IndexSection.Verify(section, "a postings list");
        if (list.Length < 4 || BinaryPrimitives.ReadUInt32BigEndian(list) != (uint)((list.Length - 4) / 4) || list.Length % 4 != 0)
        {
            throw new CorruptBlockException("index: a postings list does not hold what it announces");
        }

        into.AddBigEndian(list[4..]);
    }
}
