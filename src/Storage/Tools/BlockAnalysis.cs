using System.Globalization;
using System.Text;
using Deucalion.Common.Labels;
using Deucalion.Storage.Blocks;

namespace Deucalion.Storage.Tools;

/// <summary>Prints what the labels of a block cost and which of them churn, as promtool's <c>tsdb analyze</c> does; of equals the first by name comes first.</summary>
public sealed class BlockAnalysis(TextWriter output)
{
    private readonly Dictionary<(string Name, string Value), Tally> _pairs = [];
    private readonly Dictionary<string, Tally> _names = new(StringComparer.Ordinal);
    private long _entries;

    /// <summary>Number of items of each list.</summary>
    public int Limit { get; init; } = 20;

    /// <summary>Whether chunks are looked at as well: how full they are.</summary>
    public bool Extended { get; init; }

    /// <summary>Analyzes the series that match (all without a matcher). Damage is <see cref="CorruptBlockException"/>.</summary>
    public async Task WriteAsync(DatabaseBlock block, IReadOnlyList<LabelMatcher> matchers, CancellationToken cancellationToken)
    {
        var meta = block.Meta;
        using var reader = await BlockReader.OpenDirectoryAsync(block.Directory, cancellationToken);
        using var selection = await reader.SelectAsync(matchers, long.MinValue, long.MaxValue, cancellationToken);
        await selection.LoadAsync(cancellationToken);
        var range = (ulong)(meta.MaxTime - meta.MinTime);
        for (var series = 0; series < selection.Count; series++)
        {
            Count(selection.LabelsAt(series), selection.ChunksAt(series), range);
        }

        Line($"Block ID: {meta.Ulid}");
        Line($"Duration: {DurationOutput.Format(meta.MaxTime - meta.MinTime)}");
        Line($"Total Series: {meta.Stats.NumSeries}");
        if (matchers.Count > 0)
        {
            Line($"Matcher: {{{string.Join(',', matchers)}}}");
        }

        Line($"Label names: {_names.Count}");
        if (matchers.Count > 0)
        {
            Line($"Matched series: {selection.Count}");
        }

        Line($"Postings (unique label pairs): {_pairs.Count}");
        Line($"Postings entries (total label pairs): {_entries}");
        List("Label pairs most involved in churning", _pairs.Select(p => (Text(p.Key), Share(p.Value, range))));
        List("Label names most involved in churning", _names.Select(n => (n.Key, Share(n.Value, range))));
        List("Most common label pairs", _pairs.Select(static p => (Text(p.Key), p.Value.Series)));
        List("Label names with highest cumulative label value length", PerName(static p => (ulong)Encoding.UTF8.GetByteCount(p.Value)));
        List("Highest cardinality labels", PerName(static _ => 1));
        List("Highest cardinality metric names", _pairs.Where(static p => p.Key.Name == Labels.MetricName).Select(static p => (p.Key.Value, p.Value.Series)));
        if (Extended)
        {
            new ChunkAnalysis(output).Write(selection, cancellationToken);
        }
    }

    private static string Text((string Name, string Value) pair) => $"{pair.Name}={pair.Value}";

    private static ulong Share(Tally tally, ulong range) => (ulong)((double)tally.Uncovered / range);

    private IEnumerable<(string, ulong)> PerName(Func<(string Name, string Value), ulong> weight) =>
        _pairs.Keys.GroupBy(static p => p.Name).Select(g => (g.Key, g.Aggregate(0UL, (sum, p) => sum + weight(p))));

    // The more of the block's range a series does not cover, the more it is churn.
    private void Count(Labels labels, ReadOnlySpan<ChunkMeta> chunks, ulong range)
    {
        var uncovered = range - (ulong)(chunks[^1].MaxTime - chunks[0].MinTime);
        for (var i = 0; i < labels.Count; i++)
        {
            _entries++;
            Of(_names, labels.NameAt(i)).Add(uncovered);
            Of(_pairs, (labels.NameAt(i), labels.ValueAt(i))).Add(uncovered);
        }
    }

    private static Tally Of<T>(Dictionary<T, Tally> tallies, T key)
        where T : notnull
    {
        if (!tallies.TryGetValue(key, out var tally))
        {
            tallies.Add(key, tally = new Tally());
        }

        return tally;
    }

    private void List(string title, IEnumerable<(string Key, ulong Weight)> items)
    {
        Line($"\n{title}:");
        foreach (var (key, weight) in items.OrderByDescending(static i => i.Weight).ThenBy(static i => i.Key, StringComparer.Ordinal).Take(Limit))
        {
            Line($"{weight} {key}");
        }
    }

    private void Line(FormattableString text)
    {
        output.Write(text.ToString(CultureInfo.InvariantCulture));
        output.Write('\n');
    }

    private sealed class Tally
    {
        public ulong Uncovered { get; private set; }

        public ulong Series { get; private set; }

        public void Add(ulong uncovered)
        {
            Uncovered += uncovered;
            Series++;
        }
    }
}
