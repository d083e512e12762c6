using System.Diagnostics.Metrics;
using Deucalion.PromQL.Operators;
using Deucalion.PromQL.Parser;
using Deucalion.PromQL.Plan;
using ValueType = Deucalion.PromQL.Ast.ValueType;

namespace Deucalion.PromQL.Engine;

/// <summary>Runs PromQL over any <see cref="IQueryable"/>. Thread-safe; queries share nothing.</summary>
public sealed class PromQlEngine
{
    // Far above what the HTTP API lets through: it only keeps arrays within bounds.
    private const int MaxSteps = 10_000_000;

    private readonly EngineOptions _options;
    private readonly TimeProvider _time;
    private readonly EngineMetrics? _metrics;
    private readonly ParserOptions _parserOptions;

    /// <summary>Builds an engine; without <paramref name="meters"/> it measures nothing.</summary>
    public PromQlEngine(EngineOptions options, TimeProvider time, IMeterFactory? meters)
    {
        _options = options;
        _time = time;
        _metrics = meters is null ? null : new EngineMetrics(meters);
        _parserOptions = new ParserOptions
        {
            ExperimentalFunctions = options.ExperimentalFunctions,
            ExtendedRangeSelectors = options.ExtendedRangeSelectors,
            BinopFillModifiers = options.FillModifiers,
        };
    }

    /// <summary>The parts of the language that are on.</summary>
    public ParserOptions ParserOptions => _parserOptions;

    /// <summary>Parses a query for running it many times.</summary>
    /// <exception cref="QueryException">The query is not valid (<see cref="QueryErrorKind.BadData"/>).</exception>
    public PreparedQuery Prepare(string query)
    {
        try
        {
            return new PreparedQuery(query, PromQlParser.Parse(query, _parserOptions));
        }
        catch (ParseException e)
        {
            throw new QueryException(QueryErrorKind.BadData, e.Message, e);
        }
    }

    /// <summary>Evaluates a query at one time, Unix milliseconds.</summary>
    /// <exception cref="QueryException">Any failure.</exception>
    public ValueTask<QueryResult> InstantAsync(
        IQueryable source, string query, long timeMs, QueryOptions options, CancellationToken cancellationToken) =>
        InstantAsync(source, Prepare(query), timeMs, options, cancellationToken);

    /// <summary>Evaluates a prepared query at one time, Unix milliseconds.</summary>
    /// <exception cref="QueryException">Any failure.</exception>
    public ValueTask<QueryResult> InstantAsync(
        IQueryable source, PreparedQuery query, long timeMs, QueryOptions options, CancellationToken cancellationToken) =>
        RunAsync(source, query, new QueryTimes(timeMs, timeMs, 0), new StepGrid(timeMs, 1, 1), options, cancellationToken);

    /// <summary>Evaluates a query at each step from start to end, Unix milliseconds, both inclusive.</summary>
    /// <exception cref="QueryException">Any failure.</exception>
    public ValueTask<QueryResult> RangeAsync(
        IQueryable source, string query, long startMs, long endMs, long stepMs, QueryOptions options, CancellationToken cancellationToken) =>
        RangeAsync(source, Prepare(query), startMs, endMs, stepMs, options, cancellationToken);

    /// <summary>Evaluates a prepared query at each step from start to end, Unix milliseconds, both inclusive.</summary>
    /// <exception cref="QueryException">Any failure.</exception>
    public ValueTask<QueryResult> RangeAsync(
        IQueryable source, PreparedQuery query, long startMs, long endMs, long stepMs, QueryOptions options, CancellationToken cancellationToken)
    {
        if (query.Expression.Type is ValueType.Matrix or ValueType.String)
        {
            var type = query.Expression.Type == ValueType.Matrix ? "range vector" : "string";
            throw new QueryException(
                QueryErrorKind.BadData, $"invalid expression type \"{type}\" for range query, must be Scalar or instant Vector");
        }

        if (stepMs <= 0 || endMs < startMs)
        {
            throw new QueryException(QueryErrorKind.BadData, stepMs <= 0 ? "step must be positive" : "end must not be before start");
        }

        if ((endMs - startMs) / stepMs >= MaxSteps)
        {
            throw new QueryException(QueryErrorKind.BadData, $"a range query has at most {MaxSteps} steps");
        }

        var grid = new StepGrid(startMs, stepMs, (int)((endMs - startMs) / stepMs) + 1);
        return RunAsync(source, query, new QueryTimes(startMs, endMs, stepMs), grid, options, cancellationToken);
    }

    private async ValueTask<QueryResult> RunAsync(
        IQueryable source, PreparedQuery query, QueryTimes times, StepGrid grid, QueryOptions options, CancellationToken cancellationToken)
    {
        var limit = options.Timeout is { } asked && asked < _options.Timeout ? asked : _options.Timeout;
        using var timer = new CancellationTokenSource(limit, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        using var selections = new SharedSelections(source);
        var context = new QueryContext
        {
            Selections = selections,
            Options = _options,
            LookbackMs = options.LookbackDeltaMs is { } lookback and > 0 ? lookback : _options.LookbackDeltaMs,
            IsRangeQuery = times.StepMs > 0,
            Budget = new SampleBudget(
                Math.Min(options.MaxSamples ?? long.MaxValue, _options.MaxSamples), Math.Min(options.MaxBytes ?? long.MaxValue, _options.MaxBytes), options.MeasureOperators),
            CancellationToken = both.Token,
        };
        var started = _time.GetTimestamp();
        try
        {
            var result = await new QueryRun(query, times, grid, context, _time).ExecuteAsync();
            _metrics?.Finished(context.IsRangeQuery, _time.GetElapsedTime(started), result.Statistics.SamplesRead);
            return result;
        }
        catch (OperationCanceledException e)
        {
            _metrics?.Failed();
            throw timer.IsCancellationRequested && !cancellationToken.IsCancellationRequested
                ? new QueryException(QueryErrorKind.Timeout, "query timed out in expression evaluation", e)
                : new QueryException(QueryErrorKind.Canceled, "query was canceled in expression evaluation", e);
        }
        catch (QueryException)
        {
            _metrics?.Failed();
            throw;
        }
    }
}
