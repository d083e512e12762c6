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
            using var ids = await block.Index.AllSeriesAsync(cancellationToken);
            var postings = new PostingsVerifier(block.Index, ids, verifier.Report);
            await verifier.CheckSeriesAsync(ids, postings, cancellationToken);
            await postings.RunAsync(cancellationToken);
            verifier.CheckTombstones(ids);
            verifier.CheckMeta();
        }
        catch (CorruptBlockException e)
        {
            verifier.Report(BlockProblemKind.Unreadable, e.Message);
        }

        return verifier._problems;
    }

    private delegate ReadOnlySpan<byte> ChunkBytes(int chunk, out byte encoding);

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

    private async ValueTask CheckSeriesAsync(SeriesIdSet ids, PostingsVerifier postings, CancellationToken cancellationToken)
    {
        // Chunks at hand are checked with their series; those of a bucket are fetched together when all are known.
        var index = _block.Index;
        var isMapped = _block.IsMapped;
        using var selection = new BlockSelection(_block);
        var chunks = new List<ChunkMeta>();
        await SeriesScan.RunAsync(
            _block.IndexSource,
            index,
            ids,
            (id, body) =>
            {
                var labels = CheckedLabels(ref body, index.Symbols);
                CheckLabels(labels);
                postings.Add(id, labels);
                chunks.Clear();
                SeriesEntry.Chunks(ref body, long.MinValue, long.MaxValue, chunks);
                CheckOrder(labels, chunks);
                if (isMapped)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    CheckChunks(labels, chunks, (int i, out byte encoding) => _block.MappedChunk(chunks[i], out encoding));
                }
                else
                {
                    selection.Add(id, labels, chunks);
                }
            },
            cancellationToken);
        await selection.LoadAsync(cancellationToken);
        for (var series = 0; series < selection.Count; series++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var first = selection.FirstChunkAt(series);
            CheckChunks(selection.LabelsAt(series), [.. selection.ChunksAt(series)], (int i, out byte encoding) => selection.Chunk(first + i, out encoding));
        }
    }

    private Labels CheckedLabels(ref ByteReader body, SymbolTable symbols)
    {
        var references = new List<uint>();
        SeriesEntry.LabelReferences(ref body, references);
        var pairs = references.ConvertAll(symbols.Get).ToArray();
        var labels = Labels.FromSortedPairs(pairs);
        for (var i = 2; i < pairs.Length; i += 2)
        {
            if (Utf8Order.Compare(pairs[i - 2], pairs[i]) >= 0)
            {
                Report(BlockProblemKind.Order, $"series {labels}: its labels are not in order");
                break;
            }
        }

        return labels;
    }

    private void CheckLabels(Labels labels)
    {
        _series++;
        if (_previous is not null && labels.CompareTo(_previous) <= 0)
        {
            Report(BlockProblemKind.Order, $"series {labels} is not greater than the one before");
        }

        _previous = labels;
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

    private void CheckChunks(Labels labels, List<ChunkMeta> chunks, ChunkBytes bytes)
    {
        for (var i = 0; i < chunks.Count; i++)
        {
            _chunks++;
            try
            {
                CheckChunk(labels, i, chunks[i], bytes);
            }
            catch (Exception e) when (e is CorruptBlockException or CorruptChunkException)
            {
                Report(BlockProblemKind.Chunk, $"series {labels}: chunk {i}: {e.Message}");
            }
        }
    }

    private void CheckChunk(Labels labels, int i, ChunkMeta meta, ChunkBytes bytes)
    {
        var chunk = bytes(i, out var encoding);
        _samples.Clear();
        ChunkDecoder.Decode(encoding, chunk, long.MinValue, long.MaxValue, _samples);
        var isHistogram = ChunkEncoding.IsHistogram(encoding);
        var count = isHistogram ? _samples.Histograms.Length : _samples.Count;
        _floats += _samples.Count;
        _histograms += _samples.Histograms.Length;
        if (count == 0)
        {
            Report(BlockProblemKind.Chunk, $"series {labels}: chunk {i} is empty");
            return;
        }

        var first = isHistogram ? _samples.Histograms[0].Time : _samples.Times[0];
        var last = isHistogram ? _samples.Histograms[^1].Time : _samples.Times[^1];
        if (first != meta.MinTime || last != meta.MaxTime)
        {
            Report(
                BlockProblemKind.Chunk,
                $"series {labels}: chunk {i} holds [{first}, {last}], the index says [{meta.MinTime}, {meta.MaxTime}]");
        }
    }

    private void CheckTombstones(SeriesIdSet ids)
    {
        foreach (var series in _block.Tombstones.Series)
        {
            if (ids.Ids.BinarySearch(series) < 0)
            {
                Report(BlockProblemKind.Tombstones, $"deletions are of series {series}, which does not exist");
            }
        }
    }

    private void CheckMeta()
    {
        var stats = _block.Meta.Stats;
        Compare("series", stats.NumSeries, _series);
        Compare("chunks", stats.NumChunks, _chunks);
        Compare("samples", stats.NumSamples, _floats + _histograms);
        if (stats.NumFloatSamples != 0 || stats.NumHistogramSamples != 0)
        {
            // Older writers count them together only.
            Compare("float samples", stats.NumFloatSamples, _floats);
            Compare("histogram samples", stats.NumHistogramSamples, _histograms);
        }

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
