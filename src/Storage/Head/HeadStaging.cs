using Deucalion.Common.Contracts;
using Deucalion.Storage.Head.Records;

namespace Deucalion.Storage.Head;

/// <summary>
/// The primary's view: validates against what is applied plus what is staged, gives refs and encodes log records. Changes no readable state.
/// For the writer.
/// </summary>
internal sealed class HeadStaging(HeadState state)
{
    private readonly SeriesRecord _seriesRecord = new();
    private readonly SamplesRecord _samplesRecord = new();
    private readonly StagedSeries _stagedSeries = new();
    private readonly PendingSamples _pending = new();
    private readonly List<int> _dropping = [];
    private int _guess;

    /// <summary>Samples staged and not yet applied.</summary>
    public int PendingCount => _pending.Count;

    /// <summary>Clock of the last staging that stored something, Unix milliseconds; 0 where there was none since staging was dropped.</summary>
    public long LastAppend { get; private set; }

    public void Stage(
        WriteBatch batch, ReadOnlySpan<int> series, ReadOnlySpan<ulong> hashes, long now, HeadLimits limits, IRecordSink records, StageResult result)
    {
        _seriesRecord.Clear();
        _samplesRecord.Clear();
        var newest = now + (long)limits.MaxFuture.TotalMilliseconds;
        var window = (long)limits.OutOfOrderWindow.TotalMilliseconds;
        var maxSeries = limits.MaxSeries ?? int.MaxValue;
        var allSeries = batch.Series;
        var times = batch.Times;
        var values = batch.Values;
        for (var i = 0; i < series.Length; i++)
        {
            ref readonly var entry = ref allSeries[series[i]];
            var seriesRef = Find(batch, entry, hashes[i]);
            for (var s = entry.FirstSample; s < entry.FirstSample + entry.SampleCount; s++)
            {
                var time = times[s];
                if (time > newest || time > HeadApplier.TimeLimit)
                {
                    result.Reject(SampleRejection.TooFarInFuture, series[i], s);
                    continue;
                }

                if (time < -HeadApplier.TimeLimit)
                {
                    result.Reject(SampleRejection.TooOld, series[i], s);
                    continue;
                }

                if (seriesRef < 0)
                {
                    if (state.SeriesCount + _stagedSeries.Count >= maxSeries)
                    {
                        result.Reject(SampleRejection.SeriesLimit, series[i], s);
                        continue;
                    }

                    seriesRef = AddSeries(batch, entry, hashes[i]);
                    result.NewSeries++;
                }

                StageSample(seriesRef, time, BitConverter.DoubleToUInt64Bits(values[s]), window, result, series[i], s);
            }
        }

        result.Staged += _samplesRecord.Count;
        if (_seriesRecord.Count > 0)
        {
            _seriesRecord.WriteTo(records.Begin(RecordKind.Series));
            records.End();
        }

        if (_samplesRecord.Count > 0)
        {
            _samplesRecord.WriteTo(records.Begin(RecordKind.Samples));
            records.End();
            LastAppend = now;
        }
    }

    /// <summary>Series that will have no chunk left once a generation is gone, and no pending sample; they count as dropped from now on.</summary>
    public List<int> StageDrops(HeadGeneration generation)
    {
        var dropped = new List<int>();
        for (var i = 0; i < state.Refs.Next; i++)
        {
            ref var row = ref state.Rows[i];
            if (row.State == SeriesState.Live && row.Pending == 0 && HasOnly(row, generation.Index))
            {
                row.State = SeriesState.Dropping;
                dropped.Add(i);
                _dropping.Add(i);
            }
        }

        return dropped;
    }

    /// <summary>A series definition has been applied.</summary>
    public void SeriesApplied(ulong hash, int seriesRef)
    {
        if (_stagedSeries.Count > 0)
        {
            _stagedSeries.Remove(hash, seriesRef);
        }
    }

    /// <summary>Samples have been applied.</summary>
    public void SamplesApplied(int count) => _pending.Remove(count);

    /// <summary>A truncation has been applied.</summary>
    public void TruncateApplied() => _dropping.RemoveAll(seriesRef => state.Rows[seriesRef].State != SeriesState.Dropping);

    /// <summary>Forgets what has been staged and not applied.</summary>
    public void DropStaged()
    {
        for (var i = 0; i < _pending.Count; i++)
        {
            ref var row = ref state.Rows[_pending[i].Ref];
            row.StagedTime = row.LastTime;
            row.StagedBits = row.LastBits;
            row.Pending = 0;
        }

        LastAppend = 0;
        _pending.Remove(_pending.Count);
        _stagedSeries.Clear();
        state.Refs.DropStaged();
        foreach (var seriesRef in _dropping)
        {
            state.Rows[seriesRef].State = SeriesState.Live;
        }

        _dropping.Clear();
    }

    private void StageSample(int seriesRef, long time, ulong bits, long window, StageResult result, int series, int sample)
    {
        ref var row = ref state.Rows[seriesRef];
        if (time > row.StagedTime)
        {
            _samplesRecord.Add(seriesRef, time, row.StagedBits, bits);
            row.StagedTime = time;
            row.StagedBits = bits;
            row.Pending++;
            _pending.Add(seriesRef, time, bits);
            return;
        }

        var known = row.StagedBits;
        if (time == row.StagedTime || (row.Pending > 0 && _pending.TryFind(seriesRef, time, out known)) || state.Chunks.TryFind(row, time, out known))
        {
            if (known == bits)
            {
                result.Duplicates++;
            }
            else
            {
                result.Reject(SampleRejection.DuplicateTimestamp, series, sample);
            }
        }
        else if (time < row.StagedTime - window)
        {
            result.Reject(window == 0 ? SampleRejection.OutOfOrder : SampleRejection.TooOld, series, sample);
        }
        else
        {
            _samplesRecord.Add(seriesRef, time, row.StagedBits, bits);
            row.Pending++;
            _pending.Add(seriesRef, time, bits);
            result.OutOfOrder++;
        }
    }

    private int Find(WriteBatch batch, in WriteSeries series, ulong hash)
    {
        // Senders repeat the order of the scrape, so the series behind the last one is a good guess.
        var guess = _guess;
        if (guess < state.Refs.Next && state.Identities[guess].Hash == hash && Is(guess, batch, series))
        {
            _guess = guess + 1;
            return guess;
        }

        var probe = state.Lookup.Find(hash);
        for (var candidate = probe.Next(); candidate >= 0; candidate = probe.Next())
        {
            if (state.Identities[candidate].Hash == hash && Is(candidate, batch, series))
            {
                _guess = candidate + 1;
                return candidate;
            }
        }

        return _stagedSeries.Find(hash, batch, series);
    }

    private bool Is(int seriesRef, WriteBatch batch, in WriteSeries series)
    {
        ref var identity = ref state.Identities[seriesRef];
        if (identity.PairCount != series.LabelCount || state.Rows[seriesRef].State != SeriesState.Live)
        {
            return false;
        }

        var text = batch.Text;
        var labels = batch.Labels.Slice(series.FirstLabel, series.LabelCount);
        var pairs = state.Index.PairsOf(identity);
        for (var i = 0; i < pairs.Length; i++)
        {
            ref var label = ref labels[i];
            if (!state.Index[pairs[i]].Is(text.Slice(label.NameOffset, label.NameLength), text.Slice(label.ValueOffset, label.ValueLength)))
            {
                return false;
            }
        }

        return true;
    }

    private int AddSeries(WriteBatch batch, in WriteSeries series, ulong hash)
    {
        var seriesRef = state.Refs.Stage();
        state.EnsureRef(seriesRef);
        _seriesRecord.Add(seriesRef, hash, batch, series);
        _stagedSeries.Add(hash, seriesRef, batch, series);
        return seriesRef;
    }

    private bool HasOnly(in SeriesRow row, int generation)
    {
        for (var i = row.FirstChunk; i != 0; i = state.Chunks[i].Next)
        {
            if (state.Chunks[i].Owner >> 1 != generation)
            {
                return false;
            }
        }

        return true;
    }
}
