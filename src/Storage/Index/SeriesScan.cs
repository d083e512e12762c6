using Deucalion.Common.Threads;
using Deucalion.Storage.Blocks;

namespace Deucalion.Storage.Index;

/// <summary>Takes the body of a series entry, checksum verified.</summary>
internal delegate void SeriesVisitor(uint id, ByteReader body);

/// <summary>Visits series entries by number, ascending, fetching neighbours together.</summary>
internal static class SeriesScan
{
    // An entry seldom is longer; one that is costs another read.
    private const int ExpectedEntry = 4 << 10;
    private const int MaxGap = 64 << 10;
    private const int MaxRun = 4 << 20;

    public static async ValueTask RunAsync(
        IByteSource source, IndexReader index, SeriesIdSet ids, SeriesVisitor visit, CancellationToken cancellationToken)
    {
        long unit = index.SeriesUnit;
        var end = index.SeriesEnd;
        for (var i = 0; i < ids.Count;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var first = ids.Ids[i] * unit;
            var next = i + 1;
            while (next < ids.Count && (ids.Ids[next] - ids.Ids[next - 1]) * unit <= MaxGap && (ids.Ids[next] * unit) - first < MaxRun)
            {
                next++;
            }

            var stop = Math.Min((ids.Ids[next - 1] * unit) + ExpectedEntry, end);
            if (first >= stop)
            {
                throw new CorruptBlockException("index: a series lies outside the series section");
            }

            using var window = await ByteWindow.FetchAsync(source, first, (int)(stop - first), cancellationToken);
            while (i < next)
            {
                // Long runs leave the caller's thread; an entry that is not all there ends them.
                var (begun, needed) = (i, 0);
                LongLoop.Run(
                    next - begun,
                    _ =>
                    {
                        if (needed == 0)
                        {
                            needed = Visit(ids.Ids[i], window.Span[(int)((ids.Ids[i] * unit) - first)..], visit);
                            i += needed == 0 ? 1 : 0;
                        }
                    },
                    cancellationToken);
                if (needed > 0)
                {
                    await VisitLongAsync(ids.Ids[i++], needed);
                }
            }
        }

        async ValueTask VisitLongAsync(uint id, int needed)
        {
            if ((id * unit) + needed > end)
            {
                throw new CorruptBlockException("index: a series entry runs over the series section");
            }

            using var whole = await ByteWindow.FetchAsync(source, id * unit, needed, cancellationToken);
            Visit(id, whole.Span, visit);
        }
    }

    // Returns how many bytes the entry takes where there are fewer, else 0.
    private static int Visit(uint id, ReadOnlySpan<byte> bytes, SeriesVisitor visit)
    {
        if (!SeriesEntry.TryBody(bytes, out var body, out var needed))
        {
            return needed;
        }

        visit(id, new ByteReader(body));
        return 0;
    }
}
