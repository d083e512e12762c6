using System.Globalization;
using System.Text.Json;
using Deucalion.Cluster.Checking;
using Deucalion.Cluster.Load;
using Xunit;

namespace Deucalion.Cluster.Proof;

/// <summary>The judge of answers on answers made by hand: two series of sender 1, a step every 100 ms from second 1000.</summary>
public sealed class AnswerJudgeTests
{
    private const long Start = 1_000_000;

    private static readonly LoadOptions Options = new() { SeriesPerSender = 2, Interval = TimeSpan.FromMilliseconds(100) };

    // Steps 0 to 9 are acknowledged but for step 4, which was given up; 10 is under way.
    private static readonly LedgerView View = new(1, 11, 10, new HashSet<long> { 4 });

    private readonly AnswerJudge _judge = new(Options, Start);

    [Fact]
    public void AllowsWholeAnswers_WithAndWithoutWhatWasNeverAcknowledged()
    {
        Assert.Empty(Samples([0, 1, 2, 3, 5, 6, 7, 8, 9]));
        Assert.Empty(Samples([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]));
    }

    [Fact]
    public void NamesWhatIsMissing() =>
        Assert.Equal(
            ["sender 1, series 0: no sample of 2 acknowledged steps, 3 to 5 (10 were settled)", "sender 1, series 1: no sample of 2 acknowledged steps, 3 to 5 (10 were settled)"],
            Samples([0, 1, 2, 6, 7, 8, 9]));

    [Fact]
    public void NamesAMissingSeries() =>
        Assert.Equal(["sender 1, series 1: no sample of 9 acknowledged steps, 0 to 9 (10 were settled)"], Judge(Matrix(Series(1, 0, [0, 1, 2, 3, 5, 6, 7, 8, 9]))));

    [Fact]
    public void NamesStepsThatWereNotSentOrNotAskedFor()
    {
        Assert.Contains("step 11, which was never sent", Samples([0, 1, 2, 3, 5, 6, 7, 8, 9, 11], end: 12)[0], StringComparison.Ordinal);
        Assert.Contains("step 10, which was not asked for", Samples([0, 1, 2, 3, 5, 6, 7, 8, 9, 10], end: 10)[0], StringComparison.Ordinal);
    }

    [Fact]
    public void NamesOtherValuesTimesAndSeries()
    {
        long[] steps = [0, 1, 2, 3, 5, 6, 7, 8, 9];
        Assert.Contains("a value of step 3 that was never sent", Judge(Matrix(Series(1, 0, steps, wrongAt: 3), Series(1, 1, steps)))[0], StringComparison.Ordinal);
        Assert.Contains("a series that was never sent, or twice", Judge(Matrix(Series(1, 0, steps), Series(1, 1, steps), Series(2, 0, steps)))[0], StringComparison.Ordinal);
        Assert.Contains("a series that was never sent, or twice", Judge(Matrix(Series(1, 0, steps), Series(1, 1, steps), Series(1, 1, steps)))[0], StringComparison.Ordinal);
        Assert.Contains("a series that was never sent, or twice", Judge(Matrix(Series(1, 0, steps), Series(1, 1, steps), Series(1, 2, steps)))[0], StringComparison.Ordinal);
        Assert.Contains("a sample at 50 ms that was never sent, or twice", Judge(Matrix(Series(1, 0, steps).Replace("[1000.1,", "[1000.05,", StringComparison.Ordinal), Series(1, 1, steps)))[0], StringComparison.Ordinal);
        Assert.Contains("a sample at 200 ms that was never sent, or twice", Judge(Matrix(Series(1, 0, steps).Replace("[1000.1,", "[1000.2,", StringComparison.Ordinal), Series(1, 1, steps)))[0], StringComparison.Ordinal);
    }

    [Fact]
    public void AllowsPointsOfTheStepItselfOrOfTheNewestAcknowledgedBefore()
    {
        Assert.Empty(Points([0, 1, 2, 3, 3, 5, 6, 7, 8, 9, 9]));
        Assert.Empty(Points([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]));
        Assert.Contains("at step 6 a value", Points([0, 1, 2, 3, 4, 5, 5, 7, 8, 9, 10])[0], StringComparison.Ordinal);
        Assert.Contains("at step 2 a value", Points([0, 1, 3, 3, 4, 5, 6, 7, 8, 9, 10])[0], StringComparison.Ordinal);
        Assert.Contains("no point at step 10 though step 9 was acknowledged", Points([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(400, "{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":\"partition\"}", false)]
    [InlineData(422, "{\"status\":\"error\",\"errorType\":\"execution\",\"error\":\"partition\"}", false)]
    [InlineData(500, "", false)]
    [InlineData(500, "{\"status\":\"error\",\"errorType\":\"unavailable\",\"error\":\"\"}", false)]
    [InlineData(500, "{\"status\":\"error\",\"errorType\":\"internal\",\"error\":\"Object reference not set to an instance of an object.\"}", false)]
    [InlineData(500, "{\"status\":\"error\",\"errorType\":\"internal\",\"error\":\"the block 01H of the bucket could not be read\"}", true)]
    [InlineData(500, "{\"status\":\"error\",\"errorType\":\"unavailable\",\"error\":\"partition 7 has no primary\"}", true)]
    [InlineData(503, "{\"status\":\"error\",\"errorType\":\"timeout\",\"error\":\"query timed out\"}", true)]
    [InlineData(503, "Service Unavailable: the node is stopping\n", true)]
    public void AllowsErrorsThatNameWhatIsMissing(int status, string body, bool allowed) => Assert.Equal(allowed, ErrorJudge.Judge(new Answer.Error(status, body)) is null);

    private static string Matrix(params string[] series) => $"{{\"resultType\":\"matrix\",\"result\":[{string.Join(',', series)}]}}";

    private static string Series(int sender, int series, IEnumerable<long> steps, long wrongAt = -1) => Values(sender, series, steps.Select(s => (s, LoadSeries.ValueOf(sender, series, s) + (s == wrongAt ? 1 : 0))));

    private static string Values(int sender, int series, IEnumerable<(long Step, double Value)> values)
    {
        var text = values.Select(static v => string.Create(CultureInfo.InvariantCulture, $"[{(Start + (v.Step * 100)) / 1000.0:R},\"{v.Value:R}\"]"));
        return $"{{\"metric\":{{\"__name__\":\"{LoadSeries.Metric}\",\"sender\":\"{sender}\",\"series\":\"{series}\"}},\"values\":[{string.Join(',', text)}]}}";
    }

    private IReadOnlyList<string> Samples(long[] steps, long end = 11) => Judge(Matrix(Series(1, 0, steps), Series(1, 1, steps)), end);

    private IReadOnlyList<string> Judge(string json, long end = 11) => _judge.Samples(Parse(json), View, View, 0, end);

    // The point at each step has the value of the step given for it.
    private IReadOnlyList<string> Points(long[] steps)
    {
        var series = Enumerable.Range(0, 2).Select(n => Values(1, n, steps.Select((s, i) => ((long)i, LoadSeries.ValueOf(1, n, s)))));
        return _judge.Points(Parse(Matrix([.. series])), View, View, 0, 11);
    }

    private static JsonElement Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
