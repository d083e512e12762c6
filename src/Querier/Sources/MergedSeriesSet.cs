using System.Runtime.InteropServices;
using Deucalion.Common.Contracts;
using Deucalion.Common.Labels;
using Deucalion.Common.Samples;
using Deucalion.PromQL.Sources;
using Deucalion.Storage.Blocks;
using Deucalion.Storage.Merge;

namespace Deucalion.Querier.Sources;

/// <summary>
/// The series of heads and blocks as one set: parts with the same labels are one series, whose chunks are merged when it is read. Built by one
/// thread, then read by many; the token of the select ends reading too. Owns what it reads from.
/// </summary>
internal sealed class MergedSeriesSet(long minTime, long maxTime, CancellationToken cancellationToken) : ISeriesSet
{
    [ThreadStatic]
    private static ChunkMerger? ThreadMerger;

    private readonly List<IDisposable> _owned = [];
    private readonly List<Source> _sources = [];
    private readonly List<Labels> _labels = [];
    private readonly List<int> _firstPart = [];
    private readonly List<Part> _parts = [];
    private Dictionary<Labels, int>? _index;

    public int Count => _labels.Count;

    public IReadOnlyList<string> Warnings => [];

    public Labels LabelsAt(int index) => _labels[index];

    /// <summary>Takes over a head's answer.</summary>
    public void Add(HeadAnswer answer)
    {
        _owned.Add(answer);
        Reserve(answer.Batches.Sum(static b => b.Count));
        foreach (var batch in answer.Batches)
        {
            Add(new Source(new BatchChunkSource(batch), null), batch.Count, batch.LabelsAt);
        }
    }

    /// <summary>Takes over what a block has; its chunks are loaded.</summary>
    public void Add(BlockSelection selection)
    {
        _owned.Add(selection);
        Reserve(selection.Count);
        Add(new Source(null, selection), selection.Count, selection.LabelsAt);
    }

    public void Read(int index, SampleBuffer buffer)
    {
        var merger = ThreadMerger ??= new ChunkMerger();
        merger.Begin();
        try
        {
            for (var part = _firstPart[index]; part >= 0; part = _parts[part].Next)
            {
                var (source, series, _) = _parts[part];
                _sources[source].AddTo(merger, series);
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
    }

    private void Add(Source source, int count, Func<int, Labels> labelsAt)
    {
        if (count == 0)
        {
            return;
        }

        // One source has each label set once: nothing to look up until there is a second.
        if (_sources.Count == 1)
        {
            BuildIndex();
        }

        _sources.Add(source);
        for (var i = 0; i < count; i++)
        {
            if ((i & 1023) == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }

            var labels = labelsAt(i);
            if (_index is null)
            {
                AddSeries(labels, i);
                continue;
            }

            ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(_index, labels, out var exists);
            if (exists)
            {
                _parts.Add(new Part(_sources.Count - 1, i, _firstPart[known]));
                _firstPart[known] = _parts.Count - 1;
            }
            else
            {
                known = _labels.Count;
                AddSeries(labels, i);
            }
        }
    }

    private void AddSeries(Labels labels, int seriesOfSource)
    {
        _labels.Add(labels);
        _firstPart.Add(_parts.Count);
        _parts.Add(new Part(_sources.Count - 1, seriesOfSource, -1));
    }

    // Blocks mostly hold the series of the heads once more, so this is enough for the table too.
    private void Reserve(int series)
    {
        _parts.EnsureCapacity(_parts.Count + series);
        _labels.EnsureCapacity(Math.Max(_labels.Count, series));
        _firstPart.EnsureCapacity(Math.Max(_labels.Count, series));
    }

    private void BuildIndex()
    {
        _index = new Dictionary<Labels, int>(_labels.Capacity, LabelsComparer.Instance);
        for (var i = 0; i < _labels.Count; i++)
        {
            if ((i & 1023) == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }

            _index[_labels[i]] = i;
        }
    }

    private readonly record struct Part(int Source, int Series, int Next);

    private readonly record struct Source(BatchChunkSource? Batch, BlockSelection? Block)
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
