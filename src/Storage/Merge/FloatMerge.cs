using Deucalion.Common.Samples;
using Deucalion.Storage.Tombstones;

namespace Deucalion.Storage.Merge;

/// <summary>Merges a sorted run of floats into the sorted floats of a buffer. Keeps its scratch memory.</summary>
internal sealed class FloatMerge
{
    private long[] _times = new long[256];
    private double[] _values = new double[256];
    private long[] _starts = [];

    /// <summary>Whether a time lies in one of the ranges.</summary>
    public static bool Contains(ReadOnlySpan<TimeInterval> intervals, long time)
    {
        foreach (var interval in intervals)
        {
            if (time <= interval.Max)
            {
                return time >= interval.Min;
            }
        }

        return false;
    }

    /// <summary>Adds the samples of a run, those of deleted ranges excepted, to the buffer.</summary>
    public void Merge(SampleBuffer run, ReadOnlySpan<TimeInterval> deleted, SampleBuffer buffer)
    {
        // What is in the buffer from the run's first time on is put aside and merged back.
        var keep = LowerBound(buffer.Times, run.Times[0]);
        var tail = buffer.Count - keep;
        var hasStarts = !buffer.StartTimes.IsEmpty || !run.StartTimes.IsEmpty;
        PutAside(buffer, keep, hasStarts);
        buffer.Truncate(keep);
        if (hasStarts)
        {
            MergeWithStarts(run, deleted, tail, buffer);
            return;
        }

        buffer.Reserve(tail + run.Count, out var times, out var values);
        buffer.Advance(Merge(_times.AsSpan(0, tail), _values, run.Times, run.Values, deleted, times, values));
    }

    /// <summary>Where a float and a histogram have one time: drops the one that does not count.</summary>
    public void Resolve(List<HistogramSample> histograms, SampleBuffer buffer)
    {
        var (kept, dropped) = (0, false);
        PutAside(buffer, 0, true);
        var count = buffer.Count;
        var at = 0;
        for (var i = 0; i < count; i++)
        {
            while (at < histograms.Count && histograms[at].Time < _times[i])
            {
                at++;
            }

            if (at < histograms.Count && histograms[at].Time == _times[i])
            {
                if (SampleConflict.HistogramWins(histograms[at], _values[i]))
                {
                    dropped = true;
                    continue;
                }

                histograms.RemoveAt(at);
            }

            (_times[kept], _values[kept], _starts[kept]) = (_times[i], _values[i], _starts[i]);
            kept++;
        }

        if (dropped)
        {
            buffer.Truncate(0);
            for (var i = 0; i < kept; i++)
            {
                buffer.Add(_times[i], _values[i], _starts[i]);
            }
        }
    }

    private static int Merge(
        ReadOnlySpan<long> leftTimes,
        ReadOnlySpan<double> leftValues,
        ReadOnlySpan<long> rightTimes,
        ReadOnlySpan<double> rightValues,
        ReadOnlySpan<TimeInterval> deleted,
        Span<long> times,
        Span<double> values)
    {
        var (l, count) = (0, 0);
        for (var r = 0; r < rightTimes.Length; r++)
        {
            var time = rightTimes[r];
            if (!deleted.IsEmpty && Contains(deleted, time))
            {
                continue;
            }

            for (; l < leftTimes.Length && leftTimes[l] < time; l++, count++)
            {
                times[count] = leftTimes[l];
                values[count] = leftValues[l];
            }

            times[count] = time;
            values[count] = rightValues[r];
            if (l < leftTimes.Length && leftTimes[l] == time)
            {
                values[count] = SampleConflict.Pick(leftValues[l++], rightValues[r]);
            }

            count++;
        }

        leftTimes[l..].CopyTo(times[count..]);
        leftValues[l..leftTimes.Length].CopyTo(values[count..]);
        return count + leftTimes.Length - l;
    }

    private static int LowerBound(ReadOnlySpan<long> times, long time)
    {
        var at = times.BinarySearch(time);
        return at < 0 ? ~at : at;
    }

    private void MergeWithStarts(SampleBuffer run, ReadOnlySpan<TimeInterval> deleted, int tail, SampleBuffer buffer)
    {
        var l = 0;
        for (var r = 0; r < run.Count; r++)
        {
            var time = run.Times[r];
            if (Contains(deleted, time))
            {
                continue;
            }

            for (; l < tail && _times[l] < time; l++)
            {
                buffer.Add(_times[l], _values[l], _starts[l]);
            }

            var value = run.Values[r];
            var start = run.StartTimes.IsEmpty ? 0 : run.StartTimes[r];
            if (l < tail && _times[l] == time)
            {
                value = SampleConflict.Pick(_values[l], value);
                start = Math.Max(start, _starts[l++]);
            }

            buffer.Add(time, value, start);
        }

        for (; l < tail; l++)
        {
            buffer.Add(_times[l], _values[l], _starts[l]);
        }
    }

    private void PutAside(SampleBuffer buffer, int from, bool withStarts)
    {
        var count = buffer.Count - from;
        if (_times.Length < count)
        {
            var size = Math.Max(count, _times.Length * 2);
            _times = new long[size];
            _values = new double[size];
        }

        buffer.Times[from..].CopyTo(_times);
        buffer.Values[from..].CopyTo(_values);
        if (withStarts)
        {
            _starts = _starts.Length < _times.Length ? new long[_times.Length] : _starts;
            if (buffer.StartTimes.IsEmpty)
            {
                _starts.AsSpan(0, count).Clear();
            }
            else
            {
                buffer.StartTimes[from..].CopyTo(_starts);
            }
        }
    }
}
