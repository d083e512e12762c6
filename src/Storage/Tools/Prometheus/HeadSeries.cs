using Deucalion.Common.Labels;
using Deucalion.Common.Samples;
using Deucalion.Storage.Merge;
using Deucalion.Storage.Tombstones;

namespace Deucalion.Storage.Tools.Prometheus;

/// <summary>
/// A series of the head while it is read and afterwards: mapped chunks as they are, samples of the logs encoded run by run. A source of chunks for a
/// merger once <see cref="Complete"/> was called.
/// </summary>
internal sealed class HeadSeries(Labels labels) : IChunkSource
{
    private readonly List<HeadChunk> _chunks = [];
    private SampleRun? _run;
    private SampleRun? _late;
    private TimeInterval[] _mapped = [];
    private long _newest = long.MinValue;
    private int _cover;

    public Labels Labels { get; } = labels;

    public IReadOnlyList<HeadChunk> Chunks => _chunks;

    /// <summary>Ranges whose samples are deleted, sorted and apart.</summary>
    public ReadOnlyMemory<TimeInterval> Deleted { get; set; }

    /// <summary>Adds chunks of the head's files.</summary>
    public void Add(List<HeadChunk> chunks)
    {
        _chunks.AddRange(chunks);
        _mapped = [.. _mapped.Concat(chunks.Where(static c => !c.IsLate).Select(static c => new TimeInterval(c.MinTime, c.MaxTime))).OrderBy(static i => i.Min)];
        _cover = 0;
    }

    /// <summary>Whether a sample of the log of samples in order is one that the head took: newer than all before it, as Prometheus has it on a restart.</summary>
    public bool Advance(long time)
    {
        if (time <= _newest)
        {
            return false;
        }

        _newest = time;
        return true;
    }

    /// <summary>Whether a mapped chunk holds the sample, of times that only grow.</summary>
    public bool IsMapped(long time)
    {
        while (_cover < _mapped.Length && _mapped[_cover].Max < time)
        {
            _cover++;
        }

        return _cover < _mapped.Length && _mapped[_cover].Min <= time;
    }

    /// <summary>The run that a sample in or out of order goes to.</summary>
    public SampleRun Run(bool isLate) => isLate ? _late ??= new SampleRun() : _run ??= new SampleRun();

    public void Encode(bool isLate, SampleBuffer buffer, SeriesEncoder encoder) => Run(isLate).MoveTo(_chunks, isLate, buffer, encoder);

    /// <summary>Encodes what is left of the runs.</summary>
    public void Complete(SampleBuffer buffer, SeriesEncoder encoder)
    {
        _run?.MoveTo(_chunks, false, buffer, encoder);
        _late?.MoveTo(_chunks, true, buffer, encoder);
        (_run, _late) = (null, null);
    }

    /// <summary>Offers all chunks to a merger, those of samples in order from a time on.</summary>
    public void AddTo(ChunkMerger merger, long minTime)
    {
        for (var i = 0; i < _chunks.Count; i++)
        {
            var chunk = _chunks[i];
            var from = chunk.IsLate ? chunk.MinTime : Math.Max(chunk.MinTime, minTime);
            if (from <= chunk.MaxTime)
            {
                merger.Add(this, i, from, chunk.MaxTime, Deleted);
            }
        }
    }

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Chunk(long handle, out byte encoding)
    {
        encoding = _chunks[(int)handle].Encoding;
        return _chunks[(int)handle].Data;
    }
}
