using System.Runtime.InteropServices;
using Deucalion.Common.Contracts;
using Deucalion.Common.Hashing;
using Deucalion.Common.Labels;
using Deucalion.Common.Memory;
using Deucalion.Common.Samples;
using Deucalion.Common.Threads;
using Deucalion.PromQL.Sources;
using Deucalion.Storage.Blocks;
using Deucalion.Storage.Merge;

namespace Deucalion.Querier.Sources;

/// <summary>
/// The series of heads and blocks as one set: parts with the same labels are one series, whose chunks are merged when it is read. Labels are compared
/// as numbers of pairs: all sources tell theirs in those of the first. Built by one thread, then read by many; the token of the select ends
/// reading too. Owns what it reads from.
/// </summary>
internal sealed class MergedSeriesSet(long minTime, long maxTime, CancellationToken cancellationToken) : ISeriesSet
{
    private static readonly LabelPairs NoPairs = new();

    [ThreadStatic]
    private static ChunkMerger? ThreadMerger;

    private readonly List<IDisposable> _owned = [];
    private readonly List<Source> _sources = [];
    private readonly PooledColumn<Part> _parts = new();

    // By series the first of its parts, and the series by their pairs; both only where there are several sources.
    private readonly PooledColumn<int> _firstPart = new();
    private readonly PooledTable _table = new();

    // Blocks mostly hold the series of the heads once more.
    private int _expected;

    public int Count { get; private set; }

    public IReadOnlyList<string> Warnings { get; private set; } = [];

    public LabelPairs Pairs => _sources.Count == 0 ? NoPairs : _sources[0].Labels.Pairs;

    public ReadOnlySpan<int> PairsAt(int index) => Place(index, out var series).Labels.PairsAt(series);

    public Labels LabelsAt(int index) => Place(index, out var series).Labels.LabelsAt(series);

    /// <summary>Adds a text for the response's warnings.</summary>
    public void Warn(string text) => Warnings = [.. Warnings, text];

    /// <summary>Takes over a head's answer.</summary>
    public void Add(HeadAnswer answer)
    {
        _owned.Add(answer);
        _expected = answer.Batches.Sum(static b => b.Count);
        foreach (var batch in answer.Batches)
        {
            Add(new Source(batch.Labels, new BatchChunkSource(batch), null));
        }
    }

    /// <summary>Takes over what a block has; its chunks are loaded.</summary>
    public void Add(BlockSelection selection)
    {
        _owned.Add(selection);
        Add(new Source(selection.Labels, null, selection));
    }

    public void Read(int index, SampleBuffer buffer)
    {
        var merger = ThreadMerger ??= new ChunkMerger();
        merger.Begin();
        try
        {
            if (_sources.Count == 1)
            {
                _sources[0].AddTo(merger, index);
            }
            else
            {
                for (var part = _firstPart[index]; part >= 0; part = _parts[part].Next)
                {
                    _sources[_parts[part].Source].AddTo(merger, _parts[part].Series);
                }
            }

            merger.Read(minTime, maxTime, buffer, cancellationToken);
        }
        finally
        {
            // It must not keep the chunks' memory alive.
            merger.Begin();
        }
    }

    public void Dispose()
    {
        foreach (var owned in _owned)
        {
            owned.Dispose();
        }

        _owned.Clear();
        _parts.Release();
        _firstPart.Release();
        _table.Release();
    }

    private void Add(Source source)
    {
        if (source.Labels.Count == 0)
        {
            return;
        }

        _sources.Add(source);
        if (_sources.Count == 1)
        {
            // One source has each label set once: nothing to look up until there is a second.
            Count = source.Labels.Count;
            return;
        }

        if (_sources.Count == 2)
        {
            _table.EnsureCapacity(_expected);
            Merge(0);
        }

        source.Labels.MoveTo(Pairs, cancellationToken);
        Merge(_sources.Count - 1);
        Count = _firstPart.Count;
    }

    private void Merge(int source)
    {
        var labels = _sources[source].Labels;
        LongLoop.Run(
            labels.Count,
            i =>
            {
                var pairs = labels.PairsAt(i);
                var hash = SeededHash.Finish(SeededHash.Add(SeededHash.Seed, MemoryMarshal.AsBytes(pairs)));
                var known = source == 0 ? -1 : Find(hash, pairs);
                if (known < 0)
                {
                    known = _table.Add(hash);
                    _firstPart.Add(-1);
                }

                _parts.Add(new Part(source, i, _firstPart[known]));
                _firstPart[known] = _parts.Count - 1;
            },
            cancellationToken);
    }

    private int Find(uint hash, ReadOnlySpan<int> pairs)
    {
        for (uint probe = 0; _table.Next(hash, ref probe) is var known && known >= 0;)
        {
            if (Place(known, out var series).Labels.PairsAt(series).SequenceEqual(pairs))
            {
                return known;
            }
        }

        return -1;
    }

    /// <summary>The source of a part of a series, and the series' number there.</summary>
    private Source Place(int index, out int series)
    {
        if (_firstPart.Count == 0)
        {
            series = index;
            return _sources[0];
        }

        ref readonly var part = ref _parts[_firstPart[index]];
        series = part.Series;
        return _sources[part.Source];
    }

    private readonly record struct Part(int Source, int Series, int Next);

    private readonly record struct Source(LabelSets Labels, BatchChunkSource? Batch, BlockSelection? Block)
    {
        public void AddTo(ChunkMerger merger, int series)
        {
            if (Batch is not null)
            {
                Batch.AddTo(merger, series);
            }
            else
            {
                Block!.AddTo(merger, series);
            }
        }
    }
}
