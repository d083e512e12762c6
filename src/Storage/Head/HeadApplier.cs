using Deucalion.Common.Samples;
using Deucalion.Storage.Chunks.Histograms;
using Deucalion.Storage.Head.Chunks;
using Deucalion.Storage.Head.Records;

namespace Deucalion.Storage.Head;

/// <summary>The one code path that changes a head's state: committed records, in order, on every replica. For the writer.</summary>
internal sealed class HeadApplier(HeadState state, HeadStaging staging)
{
    // Far beyond any real time, near enough that arithmetic on times cannot overflow.
    internal const long TimeLimit = 1L << 53;

    private readonly FloatHistogram _histogram = new();
    private readonly List<int> _pairs = [];
    private readonly List<int> _previousPairs = [];

    /// <summary>Series definitions.</summary>
    public void Series(ReadOnlySpan<byte> payload)
    {
        var reader = new RecordReader(payload);
        reader.Version(SeriesRecord.Version);
        var count = reader.Count(10);
        long seriesRef = -1;
        _previousPairs.Clear();
        for (var i = 0; i < count; i++)
        {
            seriesRef += 1 + reader.Signed();
            var hash = reader.Fixed64();
            if (seriesRef < 0 || seriesRef > int.MaxValue - 1)
            {
                RecordReader.Malformed();
            }

            ReadLabels(ref reader);
            state.Refs.Apply((int)seriesRef);
            state.EnsureRef((int)seriesRef);
            Define((int)seriesRef, hash, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_pairs));
            state.Refs.Publish((int)seriesRef);
            staging.SeriesApplied(hash, (int)seriesRef);
            _previousPairs.Clear();
            _previousPairs.AddRange(_pairs);
        }

        reader.End();
        state.Index.Collect();
    }

    /// <summary>Makes a ref, which the allocator has given, the series with these label pairs.</summary>
    public void Define(int seriesRef, ulong hash, ReadOnlySpan<int> pairs)
    {
        ref var identity = ref state.Identities[seriesRef];
        identity.Hash = hash;
        identity.Pairs = state.Index.StorePairs(pairs);
        identity.PairCount = pairs.Length;
        Volatile.Write(ref identity.Generation, identity.Generation + 1);
        state.Rows[seriesRef].State = SeriesState.Live;
        state.Lookup.Add(hash, seriesRef);
        foreach (var pair in pairs)
        {
            state.Index.AddSeries(pair, seriesRef);
        }

        state.SeriesCount++;
    }

    /// <summary>Float samples.</summary>
    public void Samples(ReadOnlySpan<byte> payload)
    {
        var reader = new SamplesRecord.Reader(payload);
        var refs = state.Refs.Next;
        var rows = state.Rows;
        var chunks = state.Chunks;
        var newest = state.MaxTime;
        for (var i = 0; i < reader.Count; i++)
        {
            var seriesRef = reader.NextRef();
            var time = reader.NextTime();
            if ((ulong)seriesRef >= (ulong)refs || time is > TimeLimit or < -TimeLimit)
            {
                RecordReader.Malformed();
            }

            ref var row = ref rows[(int)seriesRef];
            var bits = reader.NextValue(row.LastBits);
            if (row.State == SeriesState.Free)
            {
                RecordReader.Malformed();
            }

            var generation = state.Generations.ForTime(time, newest);
            var start = reader.NextStart();
            if (Advance(ref row, time, new SampleIdentity(bits, false), out var previousTime, out var previousBits))
            {
                if (start == 0)
                {
                    chunks.Append(ref row, generation.Index, previousTime, previousBits, time, bits);
                }
                else
                {
                    chunks.Append(ref row, generation.Index, time, bits, start);
                }

                newest = Math.Max(newest, time);
            }
            else if (chunks.TryFind(row, time, out _) || !Insert(ref row, generation.Index, time, bits, start))
            {
                continue;
            }

            Count(generation, time);
        }

        state.MaxTime = newest;
        state.MinTime = state.Generations.MinTime;
        if (!reader.AtEnd)
        {
            RecordReader.Malformed();
        }

        staging.SamplesApplied(reader.Count);
        chunks.Collect();
    }

    /// <summary>Histogram samples.</summary>
    public void Histograms(ReadOnlySpan<byte> payload)
    {
        var reader = new HistogramsRecord.Reader(payload);
        var chunks = state.Chunks;
        for (var i = 0; i < reader.Count; i++)
        {
            var seriesRef = reader.NextRef();
            var time = reader.NextTime();
            var start = reader.NextStart();
            var bytes = reader.NextHistogram();
            if ((ulong)seriesRef >= (ulong)state.Refs.Next || time is > TimeLimit or < -TimeLimit || start is > TimeLimit or < -TimeLimit
                || state.Rows[(int)seriesRef].State == SeriesState.Free
                || bytes.Length > ChunkStore.MaxHistogramBytes || !HistogramBytes.TryRead(bytes, _histogram) || !IsSchema(_histogram.Schema))
            {
                RecordReader.Malformed();
            }

            ref var row = ref state.Rows[(int)seriesRef];
            var generation = state.Generations.ForTime(time, state.MaxTime);
            if (Advance(ref row, time, SampleIdentity.Of(_histogram), out _, out _))
            {
                chunks.Append(ref row, generation.Index, time, start, _histogram);
                state.MaxTime = Math.Max(state.MaxTime, time);
            }
            else if (chunks.TryFind(row, time, out _))
            {
                continue;
            }
            else
            {
                chunks.Insert(ref row, generation.Index, time, start, _histogram);
            }

            Count(generation, time);
        }

        state.MinTime = state.Generations.MinTime;
        if (!reader.AtEnd)
        {
            RecordReader.Malformed();
        }

        staging.SamplesApplied(reader.Count);
        chunks.Collect();
    }

    /// <summary>Exemplars.</summary>
    public void Exemplars(ReadOnlySpan<byte> payload)
    {
        var reader = new ExemplarsRecord.Reader(payload);
        for (var i = 0; i < reader.Count; i++)
        {
            var labels = reader.Next(out var seriesRef, out var time, out var value);
            if ((ulong)seriesRef >= (ulong)state.Refs.Next || state.Rows[(int)seriesRef].State == SeriesState.Free || !HeadExemplars.AreLabels(labels))
            {
                RecordReader.Malformed();
            }

            state.Exemplars.Add((int)seriesRef, time, value, labels, reader.Capacity);
        }

        if (!reader.AtEnd)
        {
            RecordReader.Malformed();
        }
    }

    /// <summary>A cut: seals what has been applied of a window.</summary>
    public void Cut(ReadOnlySpan<byte> payload)
    {
        var (windowStart, id) = WindowRecords.ReadCut(payload);
        var generation = state.Generations.Seal(windowStart, id);
        for (var i = 0; i < state.Refs.Next; i++)
        {
            ref var row = ref state.Rows[i];
            if (row.OpenChunk != 0 && state.Chunks[row.OpenChunk].Owner >> 1 == generation.Index)
            {
                state.Chunks.Close(ref row);
            }
        }
    }

    /// <summary>A truncation: drops the chunks of a generation that has become a block, and series without chunks that the record names.</summary>
    public void Truncate(ReadOnlySpan<byte> payload)
    {
        var dropped = new List<int>();
        var (id, ulid, at) = WindowRecords.ReadTruncate(payload, dropped);
        var generation = state.Generations.Announce(id, ulid, at);
        for (var i = 0; i < state.Refs.Next; i++)
        {
            state.Chunks.Unlink(ref state.Rows[i], generation.Index);
        }

        Drop(dropped);
        state.Generations.Remove(generation);
        state.MinTime = state.Generations.MinTime;
        state.Chunks.Collect();
        state.Index.Collect();
    }

    private static bool IsSchema(int schema) => schema is >= HistogramSchema.Min and <= HistogramSchema.Max or FloatHistogram.CustomBucketsSchema;

    // Whether a sample is the newest of its series, which then stands at it; says what the newest was.
    private static bool Advance(ref SeriesRow row, long time, SampleIdentity sample, out long previousTime, out ulong previousBits)
    {
        previousTime = row.LastTime;
        previousBits = row.LastBits;
        if (time <= row.LastTime)
        {
            row.Pending = Math.Max(0, row.Pending - 1);
            return false;
        }

        row.LastTime = time;
        row.LastBits = sample.Bits;
        row.LastIsHistogram = sample.IsHistogram;
        if (row.Pending == 0)
        {
            row.StagedTime = time;
            row.StagedBits = sample.Bits;
            row.StagedIsHistogram = sample.IsHistogram;
        }
        else
        {
            row.Pending--;
        }

        return true;
    }

    private static void Count(HeadGeneration generation, long time)
    {
        generation.Samples++;
        generation.MinTime = Math.Min(generation.MinTime, time);
        generation.MaxTime = Math.Max(generation.MaxTime, time);
    }

    private bool Insert(ref SeriesRow row, int generation, long time, ulong bits, long start)
    {
        if (start == 0)
        {
            return state.Chunks.Insert(ref row, generation, time, bits);
        }

        state.Chunks.Insert(ref row, generation, time, bits, start);
        return true;
    }

    private void Drop(List<int> dropped)
    {
        var refs = new HashSet<int>(dropped);
        var blocks = new List<(uint Pairs, int Count)>(dropped.Count);
        foreach (var seriesRef in dropped)
        {
            if (seriesRef >= state.Refs.Next || state.Rows[seriesRef].State == SeriesState.Free || state.Rows[seriesRef].FirstChunk != 0)
            {
                throw new HeadFormatException($"truncation drops ref {seriesRef}, which still has samples or is none");
            }

            ref var identity = ref state.Identities[seriesRef];
            blocks.Add((identity.Pairs, identity.PairCount));
            state.Lookup.Remove(identity.Hash, seriesRef);
            Volatile.Write(ref identity.Generation, identity.Generation + 1);
            state.Rows[seriesRef] = HeadState.EmptyRow;
            state.SeriesCount--;
        }

        if (dropped.Count > 0)
        {
            state.Exemplars.Drop(refs);
            state.Index.RemoveSeries(refs, blocks);
            foreach (var seriesRef in dropped)
            {
                state.Refs.Release(seriesRef);
            }
        }
    }

    private void ReadLabels(ref RecordReader reader)
    {
        var count = reader.Count(1);
        _pairs.Clear();
        for (var i = 0; i < count; i++)
        {
            var token = reader.Byte();
            if (token > SeriesRecord.NewLabel || (token != SeriesRecord.NewLabel && i >= _previousPairs.Count))
            {
                RecordReader.Malformed();
            }

            if (token == SeriesRecord.SameLabel)
            {
                _pairs.Add(_previousPairs[i]);
                continue;
            }

            // The name's bytes lie in the symbol, which the previous series keeps alive.
            var name = token == SeriesRecord.NewLabel ? reader.Text() : state.Index.NameBytes(_previousPairs[i]);
            _pairs.Add(state.Index.Acquire(name, reader.Text()));
        }
    }
}
