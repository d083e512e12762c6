using Deucalion.Common.Contracts;
using Deucalion.Common.Labels;
using Deucalion.Storage.Head.Index;

namespace Deucalion.Storage.Head;

/// <summary>Lock-free reads beside the writer: each registers with the epochs while it looks, and copies out what it returns.</summary>
internal sealed class HeadReader(HeadState state)
{
    // Series copied in one registration: short enough not to hold back the reuse of memory.
    private const int CopyBatch = 256;

    public void Select(IReadOnlyList<LabelMatcher> matchers, long minTime, long maxTime, ChunkSeriesBatch into, CancellationToken cancellationToken)
    {
        var found = FindRegistered(matchers, cancellationToken);
        var chunks = new List<ChunkCopy>();
        for (var from = 0; from < found.Count; from += CopyBatch)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var registration = state.Enter();
            var end = Math.Min(from + CopyBatch, found.Count);
            for (var i = from; i < end; i++)
            {
                var (seriesRef, generation) = found[i];
                if (Volatile.Read(ref state.Identities[seriesRef].Generation) == generation)
                {
                    Copy(seriesRef, minTime, maxTime, chunks, into);
                }
            }
        }
    }

    public void Series(IReadOnlyList<LabelMatcher> matchers, long minTime, long maxTime, List<Labels> into, CancellationToken cancellationToken)
    {
        var found = FindRegistered(matchers, cancellationToken);
        for (var from = 0; from < found.Count; from += CopyBatch)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var registration = state.Enter();
            foreach (var (seriesRef, generation) in found.GetRange(from, Math.Min(CopyBatch, found.Count - from)))
            {
                if (Volatile.Read(ref state.Identities[seriesRef].Generation) == generation && Overlaps(seriesRef, minTime, maxTime))
                {
                    into.Add(state.LabelsOf(seriesRef));
                }
            }
        }
    }

    public void LabelNames(IReadOnlyList<LabelMatcher> matchers, long minTime, long maxTime, HashSet<string> into, CancellationToken cancellationToken)
    {
        using var registration = state.Enter();
        if (matchers.Count == 0)
        {
            foreach (var name in state.Index.Names)
            {
                into.Add(name.Name);
            }

            return;
        }

        var symbols = new HashSet<int>();
        foreach (var (seriesRef, _) in Find(matchers, cancellationToken))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!Overlaps(seriesRef, minTime, maxTime))
            {
                continue;
            }

            foreach (var pair in state.Index.PairsOf(state.Identities[seriesRef]))
            {
                if (symbols.Add(state.Index[pair].NameSymbol))
                {
                    into.Add(state.Index.NameText(pair));
                }
            }
        }
    }

    public void LabelValues(
        string name, IReadOnlyList<LabelMatcher> matchers, long minTime, long maxTime, HashSet<string> into, CancellationToken cancellationToken)
    {
        using var registration = state.Enter();
        if (state.Index.Name(name) is not { } entry)
        {
            return;
        }

        if (matchers.Count == 0)
        {
            foreach (var pair in entry.Pairs)
            {
                into.Add(state.Index.TransientValue(pair));
            }

            return;
        }

        var seen = new HashSet<int>();
        var symbol = entry.Pairs.Length == 0 ? 0 : state.Index[entry.Pairs[0]].NameSymbol;
        foreach (var (seriesRef, _) in Find(matchers, cancellationToken))
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var pair in state.Index.PairsOf(state.Identities[seriesRef]))
            {
                if (state.Index[pair].NameSymbol == symbol && !seen.Contains(pair) && Overlaps(seriesRef, minTime, maxTime))
                {
                    seen.Add(pair);
                    into.Add(state.Index.TransientValue(pair));
                }
            }
        }
    }

    public void Exemplars(IReadOnlyList<IReadOnlyList<LabelMatcher>> selectors, long minTime, long maxTime, List<SeriesExemplars> into, CancellationToken cancellationToken)
    {
        // Registered until the labels are read: until then no other series gets a ref found here.
        using var registration = state.Enter();
        if (state.Exemplars.Count == 0)
        {
            return;
        }

        var refs = new HashSet<int>();
        foreach (var matchers in selectors)
        {
            foreach (var (seriesRef, _) in Find(matchers, cancellationToken))
            {
                refs.Add(seriesRef);
            }
        }

        foreach (var series in state.Exemplars.Read(refs, minTime, maxTime).GroupBy(static found => found.Ref))
        {
            into.Add(new SeriesExemplars(state.LabelsOf(series.Key), [.. series.Select(static found => found.Exemplar)]));
        }
    }

    public HeadStatus Status(int limit)
    {
        using var registration = state.Enter();
        var byMetric = new List<NamedCount>();
        var byPair = new List<NamedCount>();
        var values = new List<NamedCount>();
        var bytes = new List<NamedCount>();
        foreach (var name in state.Index.Names)
        {
            long total = 0;
            foreach (var pair in name.Pairs)
            {
                ref var row = ref state.Index[pair];
                total += row.ValueLength;
                if (name.Name == Labels.MetricName)
                {
                    AddTop(byMetric, limit, row.Count, pair, static (index, p, _) => index.TransientValue(p));
                }

                AddTop(byPair, limit, row.Count, pair, static (index, p, name) => $"{name}={index.TransientValue(p)}", name.Name);
            }

            values.Add(new NamedCount(name.Name, name.Pairs.Length));
            bytes.Add(new NamedCount(name.Name, total));
        }

        return new HeadStatus
        {
            Series = state.SeriesCount,
            LabelPairs = state.Index.PairCount,
            Chunks = state.Chunks.Count,
            MinTime = state.MinTime,
            MaxTime = state.MaxTime,
            SeriesByMetric = Top(byMetric, limit),
            ValuesByLabel = Top(values, limit),
            BytesByLabel = Top(bytes, limit),
            SeriesByPair = Top(byPair, limit),
        };
    }

    private static IReadOnlyList<NamedCount> Top(List<NamedCount> counts, int limit) =>
        [.. counts.OrderByDescending(c => c.Value).ThenBy(c => c.Name, StringComparer.Ordinal).Take(limit)];

    // Keeps the list short: text is made for what may be among the largest only.
    private void AddTop(List<NamedCount> top, int limit, long count, int pair, Func<LabelIndex, int, string, string> text, string name = "")
    {
        if (limit == int.MaxValue)
        {
            // All are wanted: sorted once at the end.
            top.Add(new NamedCount(text(state.Index, pair, name), count));
            return;
        }

        if (limit <= 0 || (top.Count >= limit && top[^1].Value >= count))
        {
            return;
        }

        var at = top.FindIndex(t => t.Value < count);
        top.Insert(at < 0 ? top.Count : at, new NamedCount(text(state.Index, pair, name), count));
        if (top.Count > limit)
        {
            top.RemoveAt(limit);
        }
    }

    private List<(int Ref, int Generation)> FindRegistered(IReadOnlyList<LabelMatcher> matchers, CancellationToken cancellationToken)
    {
        using var registration = state.Enter();
        return Find(matchers, cancellationToken);
    }

    // The smallest of the sets that a matcher requires is walked; the other matchers are checked on each series' own pairs.
    private List<(int Ref, int Generation)> Find(IReadOnlyList<LabelMatcher> matchers, CancellationToken cancellationToken)
    {
        var found = new List<(int Ref, int Generation)>();
        var filters = new List<SeriesFilter>();
        SeriesFilter? narrowest = null;
        var narrowestName = string.Empty;
        var smallest = long.MaxValue;
        foreach (var matcher in matchers)
        {
            if (SeriesFilter.Of(matcher, state.Index, cancellationToken) is not { } filter)
            {
                continue;
            }

            filters.Add(filter);
            if (!filter.Required)
            {
                continue;
            }

            var count = filter.Count(matcher.Name, state.Index);
            if (count < smallest)
            {
                smallest = count;
                narrowest = filter;
                narrowestName = matcher.Name;
            }
        }

        if (narrowest is null)
        {
            var end = state.Refs.Next;
            for (var i = 0; i < end; i++)
            {
                StopEvery(i, cancellationToken);
                AddMatching(i, filters, found);
            }

            return found;
        }

        var candidates = new List<int>((int)smallest);
        found.EnsureCapacity(filters.Count == 1 ? (int)smallest : 0);
        narrowest.CopySeries(narrowestName, state.Index, candidates);
        filters.Remove(narrowest);
        for (var i = 0; i < candidates.Count; i++)
        {
            StopEvery(i, cancellationToken);
            AddMatching(candidates[i], filters, found);
        }

        return found;
    }

    private static void StopEvery(int i, CancellationToken cancellationToken)
    {
        if ((i & 4095) == 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private void AddMatching(int seriesRef, List<SeriesFilter> filters, List<(int Ref, int Generation)> found)
    {
        // The generation first: a series dropped meanwhile is recognised by it later.
        ref var identity = ref state.Identities[seriesRef];
        var generation = Volatile.Read(ref identity.Generation);
        if (Volatile.Read(ref state.Rows[seriesRef].FirstChunk) == 0)
        {
            return;
        }

        if (filters.Count > 0)
        {
            var pairs = state.Index.PairsOf(identity);
            foreach (var filter in filters)
            {
                if (!filter.Matches(pairs, state.Index))
                {
                    return;
                }
            }
        }

        found.Add((seriesRef, generation));
    }

    private bool Overlaps(int seriesRef, long minTime, long maxTime)
    {
        for (var i = Volatile.Read(ref state.Rows[seriesRef].FirstChunk); i != 0;)
        {
            ref var slot = ref state.Chunks[i];
            if (slot.MinTime <= maxTime && slot.MaxTime >= minTime)
            {
                return true;
            }

            i = Volatile.Read(ref slot.Next);
        }

        return false;
    }

    private void Copy(int seriesRef, long minTime, long maxTime, List<ChunkCopy> chunks, ChunkSeriesBatch into)
    {
        chunks.Clear();
        for (var i = Volatile.Read(ref state.Rows[seriesRef].FirstChunk); i != 0;)
        {
            ref var slot = ref state.Chunks[i];

            // The descriptor before the bounds: they then hold for all its samples.
            var descriptor = new ChunkDescriptor(Volatile.Read(ref slot.Descriptor));
            var oldest = Volatile.Read(ref slot.MinTime);
            var newest = Volatile.Read(ref slot.MaxTime);
            if (oldest <= maxTime && newest >= minTime)
            {
                chunks.Add(new ChunkCopy(oldest, newest, descriptor));
            }

            i = Volatile.Read(ref slot.Next);
        }

        if (chunks.Count == 0)
        {
            return;
        }

        state.ReaderPause?.Invoke();
        chunks.Sort(static (a, b) => a.MinTime != b.MinTime ? a.MinTime.CompareTo(b.MinTime) : a.MaxTime.CompareTo(b.MaxTime));
        into.BeginSeries(state.LabelsOf(seriesRef));
        foreach (var chunk in chunks)
        {
            var descriptor = chunk.Descriptor;
            state.Chunks.CopyTo(descriptor, into.AddChunk(descriptor.Encoding, chunk.MinTime, chunk.MaxTime, descriptor.Length));
        }
    }

    private readonly record struct ChunkCopy(long MinTime, long MaxTime, ChunkDescriptor Descriptor);
}
