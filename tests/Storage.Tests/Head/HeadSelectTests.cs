using Deucalion.Common.Labels;
using Deucalion.Common.Samples;
using Deucalion.Storage.Chunks;
using Deucalion.Storage.Head;
using Xunit;

namespace Deucalion.Storage.Tests.Head;

/// <summary>Selects that take several registrations, between which series go and others get their refs, pairs and memory.</summary>
public sealed class HeadSelectTests
{
    private const long Start = 1_700_006_400_000;
    private const int Series = 1500;

    [Fact]
    public void GivesEachSeriesItsLabels_WhenPairsGetOtherMeaningsMeanwhile()
    {
        using var harness = new HeadHarness();

        // Every third series has nothing but samples of the window before.
        harness.Limits = HeadLimits.Default with { OutOfOrderWindow = TimeSpan.FromHours(10) };
        harness.Stage(Start, Enumerable.Range(0, Series).Select(static i => Sample(i, i % 3 == 0 ? Start - (2 * TenantHead.WindowLength) + i : Start)));
        harness.CommitAll();
        var select = harness.Head.BeginSelect([], long.MinValue, long.MaxValue, CancellationToken.None);
        var added = 0;
        for (var slice = 0; select.RunSlice(untilTimestamp: 0); slice++)
        {
            if (slice == 1)
            {
                var old = harness.OpenWindows()[0];
                harness.Head.StageCut(old, harness);
                harness.CommitAll();
                harness.Head.StageTruncate(old.Generation, "U", Start, harness);
                harness.CommitAll();
                Assert.Equal(2 * Series / 3, harness.Head.SeriesCount);
            }
            else if (slice > 1)
            {
                harness.Stage(Start, Enumerable.Range(Series + added, 300).Select(static i => Sample(i, Start)));
                harness.CommitAll();
                added += 300;
            }
        }

        using var batch = select.Batch!;
        Assert.True(added > Series / 3, "refs and pairs of the dropped series were used again");
        var seen = new HashSet<int>();
        var buffer = new SampleBuffer();
        for (var i = 0; i < batch.Count; i++)
        {
            var chunk = Assert.Single(batch.ChunksAt(i).ToArray());
            buffer.Clear();
            ChunkDecoder.Decode(chunk.Encoding, batch.Bytes(chunk), long.MinValue, long.MaxValue, buffer);
            var id = (int)Assert.Single(buffer.Values.ToArray());
            Assert.Equal(LabelsOf(id), batch.LabelsAt(i));
            Assert.True(seen.Add(id));
        }

        Assert.Equal(Enumerable.Range(0, Series).Where(static i => i % 3 != 0), seen.Where(static i => i % 3 != 0).Order());
        Assert.All(seen, static id => Assert.InRange(id, 0, Series - 1));
        Assert.True(seen.Count < Series, "dropped series are left out");
    }

    [Theory]
    [InlineData("id", "7", 1)]
    [InlineData("id", "none", 0)]
    [InlineData("job", "a", 500)]
    public void BoundsWhatItLooksAt_ByTheRarestPair(string name, string value, int expected)
    {
        using var harness = new HeadHarness();
        harness.Stage(Start, Enumerable.Range(0, Series).Select(static i => Sample(i, Start)));
        harness.CommitAll();
        Assert.Equal(expected, Bound(harness.Head, new LabelMatcher(Common.Labels.MatchType.Equal, name, value)));
        Assert.Equal(Series, Bound(harness.Head, new LabelMatcher(Common.Labels.MatchType.NotEqual, name, value)));
        Assert.InRange(Bound(harness.Head, new LabelMatcher(Common.Labels.MatchType.Regex, name, value + ".*")), Series, 2 * Series);
    }

    private static long Bound(TenantHead head, LabelMatcher matcher) =>
        head.BeginSelect([new LabelMatcher(Common.Labels.MatchType.NotEqual, "job", ""), matcher], 0, long.MaxValue, CancellationToken.None).Bound();

    private static HeadSample Sample(int id, long time) => new(LabelsOf(id), time, id);

    private static Labels LabelsOf(int id) => Labels.Of(("__name__", "m"), ("id", id.ToString()), ("job", "abc"[id % 3].ToString()));
}
