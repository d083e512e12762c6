using Deucalion.Common.Samples;
using Deucalion.PromQL.Sources;

namespace Deucalion.PromQL.Operators.Selectors;

/// <summary>
/// The samples behind selectors that read the same: decoded for the first of them and kept, as far as the query's memory allows, until the
/// last one has had them. Thread-safe.
/// </summary>
internal sealed class SharedSamples : IDroppable
{
    private readonly Lock[] _locks = [new(), new(), new(), new(), new(), new(), new(), new()];
    private KeptSamples?[] _kept = [];
    private byte[] _left = [];
    private SampleBudget? _budget;

    /// <summary>How many selectors read these samples; complete once the query is planned.</summary>
    public int Uses { get; set; }

    /// <summary>Makes room; called by each selector as it opens, by one thread.</summary>
    public void Open(int series, SampleBudget budget)
    {
        if (Uses > 1 && _left.Length == 0 && series > 0)
        {
            budget.HoldBytes(9L * series);
            _kept = new KeptSamples?[series];
            _left = new byte[series];
            _left.AsSpan().Fill((byte)Math.Min(Uses, byte.MaxValue));
            _budget = budget;
            budget.AddDroppable(this);
        }
    }

    /// <inheritdoc/>
    public void Drop()
    {
        for (var l = 0; l < _locks.Length; l++)
        {
            lock (_locks[l])
            {
                for (var i = l; i < _kept.Length; i += _locks.Length)
                {
                    _budget!.ReleaseBytes(_kept[i]?.Bytes ?? 0);
                    _kept[i] = null;
                }
            }
        }
    }

    /// <summary>Fills the buffer; true if the samples had to be read from the source.</summary>
    public bool Read(ISeriesSet set, int index, SampleBuffer buffer, SampleBudget budget)
    {
        if (_left.Length == 0)
        {
            set.Read(index, buffer);
            return true;
        }

        var gate = _locks[index % _locks.Length];
        lock (gate)
        {
            if (_kept[index] is { } kept)
            {
                kept.CopyTo(buffer);
                if (--_left[index] == 0)
                {
                    _kept[index] = null;
                    budget.ReleaseBytes(kept.Bytes);
                }

                return false;
            }
        }

        set.Read(index, buffer);
        lock (gate)
        {
            if (_left[index] > 1 && _kept[index] is null && budget.TryHoldBytes(KeptSamples.BytesOf(buffer)))
            {
                _kept[index] = new KeptSamples(buffer);
            }

            _left[index] -= (byte)(_left[index] > 0 ? 1 : 0);
        }

        return true;
    }

    private sealed class KeptSamples
    {
        private readonly long[] _times;
        private readonly double[] _values;
        private readonly long[] _startTimes;
        private readonly HistogramSample[] _histograms;

        public KeptSamples(SampleBuffer buffer)
        {
            _times = buffer.Times.ToArray();
            _values = buffer.Values.ToArray();
            _startTimes = buffer.StartTimes.ToArray();
            _histograms = buffer.Histograms.ToArray();
            Bytes = BytesOf(buffer);
        }

        public long Bytes { get; }

        public static long BytesOf(SampleBuffer buffer) => 160 + SampleBudget.BytesOf(buffer) + (8L * buffer.StartTimes.Length);

        public void CopyTo(SampleBuffer buffer)
        {
            buffer.Clear();
            if (_startTimes.Length == 0)
            {
                buffer.Reserve(_times.Length, out var times, out var values);
                _times.CopyTo(times);
                _values.CopyTo(values);
                buffer.Advance(_times.Length);
            }

            for (var i = 0; i < _startTimes.Length; i++)
            {
                buffer.Add(_times[i], _values[i], _startTimes[i]);
            }

            foreach (var sample in _histograms)
            {
                buffer.Add(sample);
            }
        }
    }
}
