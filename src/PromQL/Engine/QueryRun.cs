using Deucalion.PromQL.Ast;
using Deucalion.PromQL.Operators;
using Deucalion.PromQL.Parser;
using Deucalion.PromQL.Plan;
using Deucalion.PromQL.Plan.Explanation;
using ValueType = Deucalion.PromQL.Ast.ValueType;

namespace Deucalion.PromQL.Engine;

/// <summary>One execution of a query: resolve, plan, open, evaluate, shape the result.</summary>
internal sealed class QueryRun(PreparedQuery query, QueryTimes times, StepGrid grid, QueryContext context, TimeProvider time)
{
    private readonly PlanRecorder _plan = new(context.Budget.IsMeasured ? time : null);
    private TimeSpan _prepareTime;
    private TimeSpan _evaluationTime;
    private TimeSpan _resultTime;

    public async ValueTask<QueryResult> ExecuteAsync()
    {
        var started = time.GetTimestamp();
        var expr = Resolve();
        switch (expr.Type)
        {
            case ValueType.String:
                _plan.Enter(PlanNames.Of(StepInvariance.Unwrap(expr)));
                return Result(ResultType.String, [], text: Planner.Text(expr));
            case ValueType.Scalar when !context.IsRangeQuery:
                return await ScalarAsync(expr, started);
            case ValueType.Matrix:
                return await MatrixAsync(expr, started);
            default:
                return await VectorAsync(expr, started);
        }
    }

    private T Plan<T>(Func<Planner, T> root)
        where T : IDisposable => Planner.Plan(context.Options, context.LookbackMs, _plan, root);

    private Expr Resolve()
    {
        try
        {
            var durations = new DurationResolver(query.Text, times.StepMs, times.EndMs - times.StartMs);
            return new QueryResolver(times).Resolve(durations.Resolve(query.Expression));
        }
        catch (DurationExprException e)
        {
            throw new QueryException(QueryErrorKind.BadData, e.Message, e);
        }
    }

    private async ValueTask<QueryResult> ScalarAsync(Expr expr, long started)
    {
        using var root = Plan(p => p.Scalar(expr, grid));
        _prepareTime = time.GetElapsedTime(started);
        started = time.GetTimestamp();
        await root.OpenAsync(context);
        _evaluationTime = time.GetElapsedTime(started);
        return Result(ResultType.Scalar, [], scalar: root.Values[0]);
    }

    private async ValueTask<QueryResult> MatrixAsync(Expr expr, long started)
    {
        using var root = Plan(p => p.Range(expr, grid, string.Empty));
        _prepareTime = time.GetElapsedTime(started);
        started = time.GetTimestamp();
        await root.OpenAsync(context);
        var series = RangeResult.Collect(root, context);
        _evaluationTime = time.GetElapsedTime(started);
        return Result(ResultType.Matrix, series);
    }

    private async ValueTask<QueryResult> VectorAsync(Expr expr, long started)
    {
        using var root = Plan(p => p.Vector(expr, grid));
        _prepareTime = time.GetElapsedTime(started);
        started = time.GetTimestamp();
        await root.OpenAsync(context);
        var collector = new ResultCollector(root, context);
        SeriesDrain.Run(root, collector, context);
        _evaluationTime = time.GetElapsedTime(started);
        started = time.GetTimestamp();
        var series = collector.Finish();
        _resultTime = time.GetElapsedTime(started);
        return Result(context.IsRangeQuery ? ResultType.Matrix : ResultType.Vector, series);
    }

    private QueryResult Result(ResultType type, IReadOnlyList<ResultSeries> series, double scalar = 0, string text = "")
    {
        context.Annotations.Settle();
        return new QueryResult
        {
            Type = type,
            Time = times.StartMs,
            Series = series,
            Scalar = scalar,
            Text = text,
            Warnings = context.Annotations.WarningTexts(query.Text),
            Infos = context.Annotations.InfoTexts(query.Text),
            Plan = _plan.Root!,
            Statistics = new QueryStatistics
            {
                TotalQueryableSamples = context.Budget.Queryable,
                SamplesRead = context.Budget.Read,
                PeakSamples = context.Budget.Peak,
                PeakBytes = context.Budget.PeakBytes,
                PrepareTime = _prepareTime,
                EvaluationTime = _evaluationTime,
                ResultTime = _resultTime,
            },
        };
    }
}
