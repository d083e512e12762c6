using Deucalion.Common.Contracts;
using Deucalion.Common.Labels;
using Deucalion.Common.Memory;
using Deucalion.Storage.Head.Index;

namespace Deucalion.Storage.Head;

/// <summary>Lock-free reads beside the writer: each registers with the epochs while it looks, and copies out what it returns. Samples: <see cref="HeadSelect"/>.</summary>
internal sealed class HeadReader(HeadState state)
{
    // Series looked at in one registration: short enough not to hold back the reuse of memory.
    private const int Batch = 256;

    public void Series(IReadOnlyList<LabelMatcher> matchers, long minTime, long maxTime, List<Labels> into, CancellationToken cancellationToken)
    {
        var found = FindRegistered(matchers, cancellationToken);
        for (var from = 0; from < found.Count; from += Batch)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var registration = state.Enter();
            for (var i = from; i < Math.Min(from + Batch, found.Count); i++)
            {
                if (SeriesSearch.IsThere(state, found[i]) && Overlaps(found[i].Ref, minTime, maxTime))
                {
                    into.Add(state.LabelsOf(found[i].Ref));
                }
            }
        }

        found.Release();
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
        var found = Find(matchers, cancellationToken);
        for (var i = 0; i < found.Count; i++)
        {
            var seriesRef = found[i].Ref;
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

        found.Release();
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
        var found = Find(matchers, cancellationToken);
        for (var i = 0; i < found.Count; i++)
        {
            var seriesRef = found[i].Ref;
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

        found.Release();
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
            var found = Find(matchers, cancellationToken);
            for (var i = 0; i < found.Count; i++)
            {
                refs.Add(found[i].Ref);
            }

            found.Release();
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

    private PooledColumn<FoundSeries> FindRegistered(IReadOnlyList<LabelMatcher> matchers, CancellationToken cancellationToken)
    {
        using var registration = state.Enter();
        return Find(matchers, cancellationToken);
    }

    private PooledColumn<FoundSeries> Find(IReadOnlyList<LabelMatcher> matchers, CancellationToken cancellationToken)
    {
        var found = new PooledColumn<FoundSeries>();
        SeriesSearch.Find(state, matchers, found, cancellationToken);
        return found;
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
}
