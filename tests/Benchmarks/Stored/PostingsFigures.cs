using System.Globalization;
using Deucalion.Common.Labels;
using Deucalion.Storage.Head;
using MatchType = Deucalion.Common.Labels.MatchType;

namespace Deucalion.Benchmarks.Stored;

/// <summary>Series found by matchers in a head of 1,000,000: 10 values of n by 100,000 of i, half with j="foo" and half with j="bar"; one thread.</summary>
internal static class PostingsFigures
{
    private const int Rounds = 7;

    public static List<string> Run()
    {
        using var resources = new HeadResources(long.MaxValue, poison: false);
        using var head = new RecordedHead(resources, keep: false);
        foreach (var chunk in Enumerable.Range(0, 1_000_000).Chunk(BatchSeries.Size))
        {
            head.Write(new BatchSeries(chunk.Select(Labels)), HeadFigures.Start, static _ => 1);
        }

        var rows = new List<string>();
        foreach (var matchers in Matchers())
        {
            var found = new List<Labels>();
            head.Head.Series(matchers, long.MinValue, long.MaxValue, found);
            var none = new List<Labels>();

            // A range without samples: the series are found, their labels are not made.
            var best = Enumerable.Range(0, Rounds).Min(_ => CpuClock.Measure(() => head.Head.Series(matchers, 0, 1, none)));
            rows.Add($"| `{{{string.Join(", ", matchers.Select(static m => m.ToString()))}}}` | {found.Count:N0} | {best * 1000:F2} ms |");
            Console.WriteLine(rows[^1]);
        }

        return rows;
    }

    private static (string, string)[] Labels(int i) =>
    [
        ("i", (i / 10).ToString(CultureInfo.InvariantCulture) + "_2"), ("j", (i & 1) == 0 ? "foo" : "bar"), ("n", (i % 10).ToString(CultureInfo.InvariantCulture)),
    ];

    private static IEnumerable<LabelMatcher[]> Matchers()
    {
        var n = new LabelMatcher(MatchType.Equal, "n", "1");
        var j = new LabelMatcher(MatchType.Equal, "j", "bar");
        yield return [n];
        yield return [n, j];
        yield return [j, n, new LabelMatcher(MatchType.Equal, "i", "77777_2")];
        yield return [n, new LabelMatcher(MatchType.NotEqual, "j", "foo")];
        yield return [new LabelMatcher(MatchType.Regex, "i", ".*")];
        yield return [new LabelMatcher(MatchType.Regex, "i", "1.+")];
        yield return [new LabelMatcher(MatchType.Regex, "i", ".*9_2")];
        yield return [n, new LabelMatcher(MatchType.Regex, "i", "1.+")];
        yield return [n, new LabelMatcher(MatchType.NotRegex, "i", "2.*"), j];
        yield return [n, new LabelMatcher(MatchType.Regex, "i", ".*[3-5]7+_2")];
        yield return [new LabelMatcher(MatchType.Regex, "i", "100_2|2000_2|30000_2|99999_2"), new LabelMatcher(MatchType.Regex, "j", "(?i)FOO|BAR")];
        yield return [n, new LabelMatcher(MatchType.NotEqual, "i", string.Empty), j];
    }
}
