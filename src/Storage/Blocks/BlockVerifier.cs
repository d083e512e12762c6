using System.Text;
using Deucalion.Common.Hashing;
using Deucalion.Common.Labels;
using Deucalion.Common.Samples;
using Deucalion.Storage.Chunks;
using Deucalion.Storage.Index;

namespace Deucalion.Storage.Blocks;

/// <summary>
/// Reads a whole block and reports what is wrong with it: at most a number of findings, each kind of damage as its own. Not thread-safe.
/// </summary>
public sealed class BlockVerifier
{
    private const int MaxProblems = 100;

    private readonly BlockReader _block;
    private readonly List<BlockProblem> _problems = [];
    private readonly SampleBuffer _samples = new();
    private Labels? _previous;
    private long _series;
    private long _chunks;
    private long _floats;
    private long _histograms;

    // Sums of a hash over (pair, series): equal for series and postings where both hold the same, whatever the order.
    private ulong _fromSeries;
    private ulong _fromPostings;

    private BlockVerifier(BlockReader block)
    {
        _block = block;
    }

    /// <summary>Verifies a block in a local directory; empty where all is well.</summary>
    public static async ValueTask<IReadOnlyList<BlockProblem>> VerifyDirectoryAsync(string directory, CancellationToken cancellationToken)
    {
        try
        {
            using var block = await BlockReader.OpenDirectoryAsync(directory, cancellationToken);
            return await VerifyAsync(block, cancellationToken);
        }
        catch (IOException e)
        {
            return [new BlockProblem(BlockProblemKind.Unreadable, e.Message)];
        }
    }

    /// <summary>Verifies an open block; empty where all is well.</summary>
    public static async ValueTask<IReadOnlyList<BlockProblem>> VerifyAsync(BlockReader block, CancellationToken cancellationToken)
    {
        var verifier = new BlockVerifier(block);
        try
        {
            verifier.CheckSymbols();
            await verifier.CheckSeriesAsync(cancellationToken);
            await verifier.CheckPostingsAsync(cancellationToken);
            verifier.CheckMeta();
        }
        catch (CorruptBlockException e)
        {
            verifier.Report(BlockProblemKind.Unreadable, e.Message);
        }

        return verifier._problems;
    }

    private void Report(BlockProblemKind kind, string message)
    {
        if (_problems.Count < MaxProblems)
        {
            _problems.Add(new BlockProblem(kind, message));
        }
    }

    private void CheckSymbols()
    {
        var symbols = _block.Index.Symbols;
        var position = SymbolTable.FirstPosition;
        ReadOnlySpan<byte> previous = default;
        for (var i = 0; i < symbols.Count; i++)
        {
            var symbol = symbols.Next(ref position);
            if (i > 0 && previous.SequenceCompareTo(symbol) >= 0)
            {
                Report(BlockProblemKind.Order, $"symbol {i} is not greater than the one before");
            }

            previous = symbol;
        }
    }

    private async ValueTask CheckSeriesAsync(CancellationToken cancellationToken)
    {
        var index = _block.Index;
        using var ids = await index.SelectAsync([], cancellationToken);
        using var selection = new BlockSelection(_block);
        await SeriesScan.RunAsync(
            _block.IndexSource,
            index,
            ids,
            (id, body) =>
            {
                var labels = SeriesEntry.Labels(ref body, index.Symbols);
                CheckLabels(id, labels);
                var chunks = new List<ChunkMeta>();
                SeriesEntry.Chunks(ref body, long.MinValue, long.MaxValue, chunks);
                CheckOrder(labels, chunks);
                selection.Add(id, labels, chunks);
            },
            cancellationToken);
        await selection.LoadAsync(cancellationToken);
        for (var series = 0; series < selection.Count; series++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            CheckChunks(selection, series);
        }
    }

    private void CheckLabels(uint id, Labels labels)
    {
        _series++;
        if (_previous is not null && labels.CompareTo(_previous) <= 0)
        {
            Report(BlockProblemKind.Order, $"series {labels} is not greater than the one before");
        }

        _previous = labels;
        for (var i = 0; i < labels.Count; i++)
        {
            _fromSeries += Hash(PairHash(labels.NameAt(i), Encoding.UTF8.GetBytes(labels.ValueAt(i))), id);
        }
    }

    private void CheckOrder(Labels labels, List<ChunkMeta> chunks)
    {
        for (var i = 0; i < chunks.Count; i++)
        {
            if (chunks[i].MaxTime < chunks[i].MinTime || (i > 0 && chunks[i].MinTime <= chunks[i - 1].MaxTime))
            {
                Report(BlockProblemKind.ChunkOrder, $"series {labels}: chunk {i} overlaps the one before or ends before it begins");
            }

            if (chunks[i].MinTime < _block.Meta.MinTime || chunks[i].MaxTime >= _block.Meta.MaxTime)
            {
                Report(BlockProblemKind.Meta, $"series {labels}: chunk {i} lies outside the block's time range");
            }
        }
    }

    private void CheckChunks(BlockSelection selection, int series)
    {
        var chunks = selection.ChunksAt(series);
        for (var i = 0; i < chunks.Length; i++)
        {
            _chunks++;
            try
            {
                CheckChunk(selection, series, i, chunks[i]);
            }
            catch (Exception e) when (e is CorruptBlockException or CorruptChunkException)
            {
                Report(BlockProblemKind.Chunk, $"series {selection.LabelsAt(series)}: chunk {i}: {e.Message}");
            }
        }
    }

    private void CheckChunk(BlockSelection selection, int series, int i, ChunkMeta meta)
    {
        var chunk = selection.Chunk(selection.FirstChunkAt(series) + i, out var encoding);
        _samples.Clear();
        ChunkDecoder.Decode(encoding, chunk, long.MinValue, long.MaxValue, _samples);
        var isHistogram = ChunkEncoding.IsHistogram(encoding);
        var count = isHistogram ? _samples.Histograms.Length : _samples.Count;
        _floats += _samples.Count;
        _histograms += _samples.Histograms.Length;
        if (count == 0)
        {
            Report(BlockProblemKind.Chunk, $"series {selection.LabelsAt(series)}: chunk {i} is empty");
            return;
        }

        var first = isHistogram ? _samples.Histograms[0].Time : _samples.Times[0];
        var last = isHistogram ? _samples.Histograms[^1].Time : _samples.Times[^1];
        if (first != meta.MinTime || last != meta.MaxTime)
        {
            Report(
                BlockProblemKind.Chunk,
                $"series {selection.LabelsAt(series)}: chunk {i} holds [{first}, {last}], the index says [{meta.MinTime}, {meta.MaxTime}]");
        }
    }

    private async ValueTask CheckPostingsAsync(CancellationToken cancellationToken)
    {
        var index = _block.Index;
        foreach (var name in index.Postings.Names)
        {
            foreach (var (value, range) in All(index.Postings, name))
            {
                cancellationToken.ThrowIfCancellationRequested();
                using var ids = new SeriesIdSet();
                await index.ReadPostingsAsync([range], ids, cancellationToken);
                Add(PairHash(name, value), ids);
            }
        }

        if (_fromPostings != _fromSeries)
        {
            Report(BlockProblemKind.Postings, "the postings do not list exactly the series that have the label");
        }
    }

    private static List<(byte[] Value, PostingsRange Range)> All(PostingsTable table, string name)
    {
        var result = new List<(byte[], PostingsRange)>();
        var values = table.Values(name);
        while (values.MoveNext())
        {
            result.Add((values.Value.ToArray(), values.Range));
        }

        return result;
    }

    private void Add(ulong pair, SeriesIdSet ids)
    {
        foreach (var id in ids.Ids)
        {
            _fromPostings += Hash(pair, id);
        }
    }

    private static ulong PairHash(string name, ReadOnlySpan<byte> value) =>
        Hash(XxHash64.Compute(Encoding.UTF8.GetBytes(name)), 0) ^ XxHash64.Compute(value);

    // The finalizer of a 64-bit mixer: every bit of both goes into every bit of the result.
    private static ulong Hash(ulong pair, uint id)
    {
        var x = pair + (id * 0x9E3779B97F4A7C15);
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }

    private void CheckMeta()
    {
        var stats = _block.Meta.Stats;
        Compare("series", stats.NumSeries, _series);
        Compare("chunks", stats.NumChunks, _chunks);
        Compare("samples", stats.NumSamples, _floats + _histograms);
        Compare("deleted ranges", stats.NumTombstones, _block.Tombstones.Count);
    }

    private void Compare(string what, long said, long found)
    {
        if (said != found)
        {
            Report(BlockProblemKind.Meta, $"meta.json says {said} {what}, there are {found}");
        }
    }
}
