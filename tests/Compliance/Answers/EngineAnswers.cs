using Deucalion.Common.Samples;
using Deucalion.Common.Samples.Histograms;
using Deucalion.PromQL.Ast;
using Deucalion.PromQL.Engine;
using Deucalion.PromQL.TestLanguage;

namespace Deucalion.Compliance.Answers;

/// <summary>Asks the engine of this repository.</summary>
public sealed class EngineAnswers(MemoryStore store)
{
    private static readonly PromQlEngine Parser = new(new EngineOptions { ExperimentalFunctions = true }, TimeProvider.System, null);

    private readonly PromQlEngine _engine = new(new EngineOptions { ExperimentalFunctions = true, MaxWorkers = 1 }, TimeProvider.System, null);

    /// <summary>Instant query where the step is 0, else a range query. An exception that is not a query error is a bug: it comes through as a text of its own.</summary>
    public async Task<Answer> AskAsync(string query, long start, long end, long step, CancellationToken cancellationToken)
    {
        try
        {
            var result = step == 0
                ? await _engine.InstantAsync(store, query, start, QueryOptions.Default, cancellationToken)
                : await _engine.RangeAsync(store, query, start, end, step, QueryOptions.Default, cancellationToken);
            return From(result) with { Warnings = result.Warnings, Infos = result.Infos };
        }
        catch (QueryException e)
        {
            return new Answer { Error = e.Message };
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return new Answer { Type = "crash", Text = e.ToString() };
        }
    }

    /// <summary>The syntax tree of a query, or null where the engine refuses it.</summary>
    public static Expr? TryParse(string query)
    {
        try
        {
            return Parser.Prepare(query).Expression;
        }
        catch (QueryException)
        {
            return null;
        }
    }

    private static Answer From(QueryResult result)
    {
        switch (result.Type)
        {
            case ResultType.Scalar:
                return Answer.Scalar(result.Time, result.Scalar);
            case ResultType.String:
                return new Answer { Type = "string", Text = result.Text };
        }

        var series = new List<AnswerSeries>();
        foreach (var one in result.Series)
        {
            var points = new List<AnswerPoint>();
            for (var i = 0; i < one.Count; i++)
            {
                if (one.HasFloat(i))
                {
                    points.Add(new AnswerPoint(one.Times[i], one.Values[i], null));
                }
            }

            for (var i = 0; i < one.Count; i++)
            {
                if (one.HistogramAt(i) is { } histogram)
                {
                    points.Add(new AnswerPoint(one.Times[i], 0, From(histogram)));
                }
            }

            series.Add(new AnswerSeries(one.Labels, points));
        }

        return new Answer { Type = result.Type == ResultType.Vector ? "vector" : "matrix", Series = series };
    }

    private static AnswerHistogram From(FloatHistogram histogram)
    {
        var listed = new List<HistogramBucket>();
        HistogramBuckets.List(histogram, listed);
        var buckets = listed.Where(static b => b.Count != 0).Select(static b => new AnswerBucket(Rule(b), b.Lower, b.Upper, b.Count)).ToList();
        return new AnswerHistogram(histogram.Count, histogram.Sum, buckets);
    }

    private static int Rule(in HistogramBucket bucket) => (bucket.LowerInclusive, bucket.UpperInclusive) switch
    {
        (false, true) => 0,
        (true, false) => 1,
        (false, false) => 2,
        (true, true) => 3,
    };
}
