using Deucalion.Common.Contracts;
using Deucalion.Common.Labels;
using Deucalion.Storage.Head;
using Xunit;
using MatchType = Deucalion.Common.Labels.MatchType;

namespace Deucalion.Storage.Tests.Head;

public sealed class HeadExemplarTests : IDisposable
{
    private const long Start = 1_700_006_400_000;
    private static readonly Labels A = Labels.Of(("__name__", "m"), ("id", "a"));
    private static readonly Labels B = Labels.Of(("__name__", "m"), ("id", "b"));
    private readonly HeadHarness _harness = new() { Limits = HeadLimits.Default with { MaxExemplars = 3 } };

    public void Dispose() => _harness.Dispose();

    [Fact]
    public void AreFoundBySeriesAndTime_WhenCommitted()
    {
        _harness.Write((A, Start, 1), (B, Start, 1));
        var result = _harness.StageExemplars(Start, (A, Start, 1, "x"), (B, Start + 1, 2, "y"), (A, Start + 2, 3, "z"));
        Assert.Equal(3, result.Exemplars);
        Assert.Empty(Read([]));
        _harness.CommitAll();
        Assert.Equal(["a x 1 0", "a z 3 2"], Read([new LabelMatcher(MatchType.Equal, "id", "a")]));
        Assert.Equal(["b y 2 1"], Read([], 1, 1));
    }

    [Fact]
    public void AreStoredOnceAndInOrder_WhenSentAgainOrLate()
    {
        _harness.Write((A, Start, 1));
        Assert.Equal(2, _harness.StageExemplars(Start, (A, Start + 5, 1, "x"), (A, Start + 5, 1, "x")).Exemplars);
        Assert.Equal(1, _harness.StageExemplars(Start, (A, Start + 4, 1, "x")).RejectedExemplarsFor(ExemplarRejection.OutOfOrder));
        _harness.CommitAll();
        Assert.Equal(1, _harness.StageExemplars(Start, (A, Start + 5, 1, "x")).Exemplars);
        Assert.Equal(1, _harness.StageExemplars(Start, (A, Start + 4, 1, "x")).RejectedExemplarsFor(ExemplarRejection.OutOfOrder));
        Assert.Equal(1, _harness.StageExemplars(Start, (B, Start, 1, "x")).RejectedExemplarsFor(ExemplarRejection.SeriesMissing));
        Assert.Equal(1, _harness.StageExemplars(Start, (A, Start + 3_600_000, 1, "x")).RejectedExemplarsFor(ExemplarRejection.TooFarInFuture));
        Assert.Empty(_harness.Pending);
        Assert.Single(Read([]));
    }

    [Fact]
    public void TakeThePlaceOfTheOldest_WhenTheRingIsFull()
    {
        _harness.Write((A, Start, 1), (B, Start, 1));
        for (var i = 0; i < 200; i++)
        {
            _harness.StageExemplars(Start, (i % 2 == 0 ? A : B, Start + i, i, "t"));
            _harness.CommitAll();
        }

        Assert.Equal(["a t 198 198", "b t 197 197", "b t 199 199"], Read([]));
        _harness.Limits = _harness.Limits with { MaxExemplars = 100 };
        for (var i = 200; i < 400; i++)
        {
            _harness.StageExemplars(Start, (A, Start + i, i, "t"));
            _harness.CommitAll();
        }

        Assert.Equal(100, Read([]).Count);
        _harness.Limits = _harness.Limits with { MaxExemplars = 0 };
        Assert.Equal(0, _harness.StageExemplars(Start, (A, Start + 1000, 1, "t")).Exemplars);
    }

    [Fact]
    public void ComeBack_FromACheckpoint()
    {
        _harness.Write((A, Start, 1), (B, Start, 1));
        _harness.StageExemplars(Start, (A, Start, 1, "x"), (B, Start + 1, 2, "y"), (A, Start + 2, 3, "z"), (A, Start + 3, 4, "u"));
        _harness.CommitAll();
        var before = Read([]);
        var checkpoint = _harness.Checkpoint();
        _harness.Replace(_harness.Restore(checkpoint));
        Assert.Equal(before, Read([]));
        Assert.Equal(checkpoint, _harness.Checkpoint());
        Assert.Equal(1, _harness.StageExemplars(Start, (A, Start + 2, 3, "z")).RejectedExemplarsFor(ExemplarRejection.OutOfOrder));
    }

    [Fact]
    public void GoWithTheirSeries_WhenItIsDropped()
    {
        _harness.Write((A, Start, 1), (B, Start, 1));
        _harness.StageExemplars(Start, (A, Start, 1, "x"), (B, Start, 2, "y"));
        _harness.CommitAll();
        _harness.CutAll();
        _harness.Write((B, Start + 1, 2));
        _harness.Head.StageTruncate(1, "U", Start, _harness);
        _harness.CommitAll();
        Assert.Equal(["b y 2 0"], Read([]));
        Assert.Equal(1, _harness.Head.SeriesCount);
    }

    private List<string> Read(LabelMatcher[] matchers, long from = 0, long to = 100_000)
    {
        var found = new List<SeriesExemplars>();
        _harness.Head.Exemplars([matchers], Start + from, Start + to, found);
        return [.. found.SelectMany(s => s.Exemplars.Select(e => $"{s.Series.Get("id")} {e.Labels.Get("trace_id")} {e.Value} {e.Time - Start}")).Order()];
    }
}
