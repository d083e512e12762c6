using Deucalion.Common.Contracts;
using Deucalion.Common.Samples;
using Deucalion.Storage.Head.Chunks;
using Deucalion.Storage.Head.Records;

namespace Deucalion.Storage.Head;

/// <summary>
/// The primary's view: validates against what is applied plus what is staged, gives refs and encodes log records. Changes no readable state.
/// For the writer.
/// </summary>
internal sealed class HeadStaging(HeadState state)
{
    // A record of exemplars that has so many bytes is ended and another one begun.
    private const int MaxExemplarBytes = 16 << 20;

    private readonly RequestRecords _records = new();
    private readonly ExemplarsRecord _exemplarsRecord = new();
    private readonly RecordBuffer _exemplarLabels = new();
    private readonly FloatHistogram _histogram = new();
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
        var before = result.Staged;
        _records.Clear();
        StageFloats(batch, series, hashes, now, limits, records, result);
        if (!batch.Histograms.IsEmpty)
        {
            StageHistograms(batch, series, hashes, now, limits, records, result);
        }

        result.Staged += _records.End(records);
        if (!batch.Exemplars.IsEmpty)
        {
            StageExemplars(batch, series, hashes, now, limits, records, result);
        }

        LastAppend = result.Staged > before ? now : LastAppend;
    }

    private void StageFloats(
        WriteBatch batch, ReadOnlySpan<int> series, ReadOnlySpan<ulong> hashes, long now, HeadLimits limits, IRecordSink records, StageResult result)
    {
        var newest = now + (long)limits.MaxFuture.TotalMilliseconds;
        var window = (long)limits.OutOfOrderWindow.TotalMilliseconds;
        var allSeries = batch.Series;
        var starts = batch.StartTimes;
        var times = batch.Times;
        var values = batch.Values;
        for (var i = 0; i < series.Length; i++)
        {
            ref readonly var entry = ref allSeries[series[i]];
            var seriesRef = entry.SampleCount == 0 ? -1 : Find(batch, entry, hashes[i]);
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

                if (seriesRef < 0 && (seriesRef = TryAddSeries(batch, entry, hashes[i], limits, result)) < 0)
                {
                    result.Reject(SampleRejection.SeriesLimit, series[i], s);
                    continue;
                }

                ref var row = ref state.Rows[seriesRef];
                var previous = row.StagedBits;
                var bits = BitConverter.DoubleToUInt64Bits(values[s]);
                if (Judge(ref row, seriesRef, time, new SampleIdentity(bits, false), window, result, series[i], s))
                {
                    _records.Samples.Add(seriesRef, time, previous, bits);
                    if (!starts.IsEmpty)
                    {
                        _records.Samples.AddStart(starts[s]);
                    }

                    if (_records.AreFull)
                    {
                        result.Staged += _records.End(records);
                    }
                }
            }
        }
    }

    private void StageHistograms(
        WriteBatch batch, ReadOnlySpan<int> series, ReadOnlySpan<ulong> hashes, long now, HeadLimits limits, IRecordSink records, StageResult result)
    {
        var newest = Math.Min(now + (long)limits.MaxFuture.TotalMilliseconds, HeadApplier.TimeLimit);
        var window = (long)limits.OutOfOrderWindow.TotalMilliseconds;
        for (var i = 0; i < series.Length; i++)
        {
            ref readonly var entry = ref batch.Series[series[i]];
            var seriesRef = entry.HistogramCount == 0 ? -1 : Find(batch, entry, hashes[i]);
            for (var h = entry.FirstHistogram; h < entry.FirstHistogram + entry.HistogramCount; h++)
            {
                ref readonly var sample = ref batch.Histograms[h];
                var bytes = batch.HistogramBytes(sample);
                var reason = sample.Time > newest ? SampleRejection.TooFarInFuture
                    : sample.Time < -HeadApplier.TimeLimit ? SampleRejection.TooOld
                    : bytes.Length > ChunkStore.MaxHistogramBytes ? SampleRejection.HistogramTooLarge
                    : seriesRef < 0 && (seriesRef = TryAddSeries(batch, entry, hashes[i], limits, result)) < 0 ? SampleRejection.SeriesLimit
                    : (SampleRejection?)null;
                if (reason is { } why)
                {
                    result.Reject(why, series[i], h, isHistogram: true);
                    continue;
                }

                if (!HistogramBytes.TryRead(bytes, _histogram))
                {
                    throw new ArgumentException("a histogram of the batch is malformed", nameof(batch));
                }

                if (Judge(ref state.Rows[seriesRef], seriesRef, sample.Time, SampleIdentity.Of(_histogram), window, result, series[i], h))
                {
                    _records.Histograms.Add(seriesRef, sample.Time, sample.StartTime, bytes);
                    if (_records.AreFull)
                    {
                        result.Staged += _records.End(records);
                    }
                }
            }
        }
    }

    private void StageExemplars(
        WriteBatch batch, ReadOnlySpan<int> series, ReadOnlySpan<ulong> hashes, long now, HeadLimits limits, IRecordSink records, StageResult result)
    {
        var newest = now + (long)limits.MaxFuture.TotalMilliseconds;
        _exemplarsRecord.Clear();
        _exemplarsRecord.Capacity = Math.Clamp(limits.MaxExemplars, 0, ExemplarsRecord.MaxCapacity);
        for (var i = 0; i < series.Length && _exemplarsRecord.Capacity > 0; i++)
        {
            ref readonly var entry = ref batch.Series[series[i]];
            var seriesRef = entry.ExemplarCount == 0 ? -1 : Find(batch, entry, hashes[i]);
            for (var e = entry.FirstExemplar; e < entry.FirstExemplar + entry.ExemplarCount; e++)
            {
                ref readonly var exemplar = ref batch.Exemplars[e];
                if (seriesRef < 0)
                {
                    result.Reject(ExemplarRejection.SeriesMissing);
                    continue;
                }

                if (exemplar.Time > newest)
                {
                    result.Reject(ExemplarRejection.TooFarInFuture);
                    continue;
                }

                ExemplarsRecord.WriteLabels(batch.ExemplarLabels.Slice(exemplar.FirstLabel, exemplar.LabelCount), batch.Text, _exemplarLabels);
                switch (state.Exemplars.Stage(seriesRef, exemplar.Time, exemplar.Value, _exemplarLabels.Written))
                {
                    case null:
                        result.Reject(ExemplarRejection.OutOfOrder);
                        break;
                    case true:
                        _exemplarsRecord.Add(seriesRef, exemplar.Time, exemplar.Value, _exemplarLabels.Written);
                        result.Exemplars++;
                        EndExemplars(MaxExemplarBytes, records);
                        break;
                    default:
                        result.Exemplars++;
                        break;
                }
            }
        }

        EndExemplars(1, records);
    }

    /// <summary>Writes the record if it has so many bytes.</summary>
    private void EndExemplars(int bytes, IRecordSink records)
    {
        if (_exemplarsRecord.Length >= bytes)
        {
            _exemplarsRecord.WriteTo(records.Begin(RecordKind.Exemplars));
            records.End();
            _exemplarsRecord.Clear();
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
            row.StagedIsHistogram = row.LastIsHistogram;
            row.Pending = 0;
        }

        LastAppend = 0;
        _pending.Remove(_pending.Count);
        _stagedSeries.Clear();
        state.Exemplars.DropStaged();
        state.Refs.DropStaged();
        foreach (var seriesRef in _dropping)
        {
            state.Rows[seriesRef].State = SeriesState.Live;
        }

        _dropping.Clear();
    }

    // Whether a sample is to be logged; its series' staged fields then stand at it.
    private bool Judge(ref SeriesRow row, int seriesRef, long time, SampleIdentity sample, long window, StageResult result, int series, int index)
    {
        if (time > row.StagedTime)
        {
            row.StagedTime = time;
            row.StagedBits = sample.Bits;
            row.StagedIsHistogram = sample.IsHistogram;
            row.Pending++;
            _pending.Add(seriesRef, time, sample);
            return true;
        }

        var known = new SampleIdentity(row.StagedBits, row.StagedIsHistogram);
        if (time == row.StagedTime || (row.Pending > 0 && _pending.TryFind(seriesRef, time, out known)) || state.Chunks.TryFind(row, time, out known))
        {
            if (known == sample)
            {
                result.Duplicates++;
            }
            else
            {
                result.Reject(SampleRejection.DuplicateTimestamp, series, index, sample.IsHistogram);
            }

            return false;
        }

        if (time < row.StagedTime - window)
        {
            result.Reject(window == 0 ? SampleRejection.OutOfOrder : SampleRejection.TooOld, series, index, sample.IsHistogram);
            return false;
        }

        row.Pending++;
        _pending.Add(seriesRef, time, sample);
        result.OutOfOrder++;
        return true;
    }

    private int TryAddSeries(WriteBatch batch, in WriteSeries entry, ulong hash, HeadLimits limits, StageResult result)
    {
        if (state.SeriesCount + _stagedSeries.Count >= (limits.MaxSeries ?? int.MaxValue))
        {
            return -1;
        }

        result.NewSeries++;
        return AddSeries(batch, entry, hash);
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
        _records.Series.Add(seriesRef, hash, batch, series);
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
