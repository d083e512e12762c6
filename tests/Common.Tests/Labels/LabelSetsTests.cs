using System.Text;
using Deucalion.Common.Labels;
using Xunit;
using LabelSet = Deucalion.Common.Labels.Labels;

namespace Deucalion.Common.Tests.Labels;

public sealed class LabelSetsTests
{
    [Fact]
    public void GivesBackTheSets_AsTheyWereAdded()
    {
        var sets = RandomSets(1, 5000);
        using var columns = LabelSets.Of(sets);
        Assert.Equal(sets, Enumerable.Range(0, columns.Count).Select(columns.LabelsAt));
        Assert.Equal(sets.SelectMany(Pairs).Distinct().Count(), columns.Pairs.Count);
    }

    [Fact]
    public void NumbersAPairOnce_WhetherItComesAsTextOrAsBytes()
    {
        using var pairs = new LabelPairs();
        var name = pairs.Name("job");
        var first = pairs.Number(name, Encoding.UTF8.GetBytes("caf\u00E9"), null);
        Assert.Equal(first, pairs.Number("job", "caf\u00E9"));
        Assert.Null(pairs.KnownValueOf(first));
        Assert.Equal("caf\u00E9", pairs.ValueOf(first));
        Assert.Same(pairs.ValueOf(first), pairs.KnownValueOf(first));
        Assert.NotEqual(first, pairs.Number("jobs", "caf\u00E9"));
        Assert.NotEqual(first, pairs.Number("job", "cafe"));
        Assert.Equal(("job", -1), (pairs.NameTextOf(first), pairs.FindName("absent")));
    }

    [Fact]
    public void KeepsValuesApart_ThatAreNoUtf8()
    {
        using var pairs = new LabelPairs();
        string[] values = ["\uDC80", "\uDC81", "\uFFFD", "a\uD800", "a\uD801", "\uDC80\uDC81", new string('x', 600) + "\uDCFF", new string('x', 600) + "\uDCFE", string.Empty];
        var numbers = Array.ConvertAll(values, v => pairs.Number("n", v));
        Assert.Equal(values.Length, numbers.Distinct().Count());
        Assert.Equal(numbers, Array.ConvertAll(values, v => pairs.Number("n", v)));
        Assert.Equal(values, Array.ConvertAll(numbers, pairs.ValueOf));
    }

    [Fact]
    public void TellsEqualSetsInTheSameNumbers_OnceTheyAreMoved()
    {
        var left = RandomSets(2, 3000);
        var right = RandomSets(3, 6000);
        using var target = LabelSets.Of(left);
        using var moved = LabelSets.Of(right);
        moved.MoveTo(target.Pairs, CancellationToken.None);
        Assert.Equal(right, Enumerable.Range(0, moved.Count).Select(moved.LabelsAt));
        Assert.Equal(left, Enumerable.Range(0, target.Count).Select(target.LabelsAt));
        var places = Enumerable.Range(0, target.Count).ToLookup(i => string.Join(' ', target.PairsAt(i).ToArray()));
        for (var i = 0; i < moved.Count; i++)
        {
            Assert.Equal(
                Enumerable.Range(0, left.Count).Where(j => left[j] == right[i]),
                places[string.Join(' ', moved.PairsAt(i).ToArray())]);
        }
    }

    // Few values, so that sets recur, and more names than are looked through one by one.
    private static List<LabelSet> RandomSets(int seed, int count)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => LabelSet.Of(
            [.. Enumerable.Range(0, random.Next(4)).Select(_ => ($"name{random.Next(20)}", $"value{random.Next(5)}"))]))];
    }

    private static IEnumerable<(string, string)> Pairs(LabelSet set) => Enumerable.Range(0, set.Count).Select(i => (set.NameAt(i), set.ValueAt(i)));
}
