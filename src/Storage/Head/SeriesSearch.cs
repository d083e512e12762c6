using Deucalion.Common.Labels;
using Deucalion.Common.Memory;
using Deucalion.Common.Threads;
using Deucalion.Storage.Head.Index;
using MatchType = Deucalion.Common.Labels.MatchType;

namespace Deucalion.Storage.Head;

/// <summary>A series that was found: its ref, and which use of the ref it was.</summary>
internal readonly record struct FoundSeries(int Ref, int Generation);

/// <summary>Finds the series that matchers ask for, by a reader that is registered with the epochs all the while.</summary>
internal static class SeriesSearch
{
    /// <summary>
    /// At most so many series have to be looked at for the matchers, and texts: known at once, for no pattern is tried on any value.
    /// </summary>
    public static long Bound(HeadState state, IReadOnlyList<LabelMatcher> matchers)
    {
        long series = state.SeriesCount;
        long texts = 0;
        foreach (var matcher in matchers)
        {
            if (matcher.Type == MatchType.Equal && matcher.Value.Length > 0)
            {
                var pair = state.Index.FindPair(matcher.Name, matcher.Value);
                series = Math.Min(series, pair == 0 ? 0 : state.Index[pair].Count);
            }
            else if (matcher.Type is MatchType.Regex or MatchType.NotRegex)
            {
                texts += state.Index.Name(matcher.Name)?.Pairs.Length ?? 0;
            }
        }

        return series == 0 ? 0 : series + texts;
    }

    /// <summary>Adds the matching series. The smallest of the sets that a matcher requires is walked; the others are checked on each series' own pairs.</summary>
    public static void Find(HeadState state, IReadOnlyList<LabelMatcher> matchers, PooledColumn<FoundSeries> found, CancellationToken cancellationToken)
    {
        var filters = new List<SeriesFilter>(matchers.Count);
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
                AddMatching(state, i, filters, found);
            }

            return;
        }

        var candidates = new PooledColumn<int>();
        narrowest.CopySeries(narrowestName, state.Index, candidates);
        filters.Remove(narrowest);
        for (var i = 0; i < candidates.Count; i++)
        {
            StopEvery(i, cancellationToken);
            AddMatching(state, candidates[i], filters, found);
        }

        candidates.Release();
    }

    /// <summary>Whether a series that was found is still the one that has the ref. While the caller stays registered its memory is not used again.</summary>
    public static bool IsThere(HeadState state, FoundSeries series) =>
        Volatile.Read(ref state.Identities[series.Ref].Generation) == series.Generation;

    private static void StopEvery(int i, CancellationToken cancellationToken)
    {
        if ((i & 127) == 0)
        {
            QueryThreads.GiveWay();
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private static void AddMatching(HeadState state, int seriesRef, List<SeriesFilter> filters, PooledColumn<FoundSeries> found)
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

        found.Add(new FoundSeries(seriesRef, generation));
    }
}
