using Deucalion.Common.Limits;
using Deucalion.Common.Tenants;
using Deucalion.PromQL.Ast;
using Deucalion.PromQL.Engine;
using Deucalion.PromQL.Parser;
using Deucalion.Querier.Sources;

namespace Deucalion.Querier.Api;

/// <summary>Parses queries and runs them one place each, within the limits that their tenants have when they come. Thread-safe.</summary>
internal sealed class QueryRunner(PromQlEngine engine, ITenantSources sources, QueryGate gate, ITenantLimits tenantLimits, QuerierMetrics metrics, TimeProvider time)
{
    /// <summary>Parses a query.</summary>
    /// <exception cref="ApiException">It is not valid.</exception>
    public PreparedQuery Prepare(string text) => new(text, Parse(text));

    /// <summary>Parses an expression.</summary>
    /// <exception cref="ApiException">It is not valid.</exception>
    public Expr Parse(string text)
    {
        try
        {
            return PromQlParser.Parse(text, engine.ParserOptions);
        }
        catch (ParseException e)
        {
            throw ApiException.InvalidParameter("query", e.Message);
        }
    }

    /// <summary>Runs an instant query; times are Unix milliseconds.</summary>
    public ValueTask<QueryRun> InstantAsync(TenantId tenant, PreparedQuery query, long at, QueryLimits limits, CancellationToken cancellationToken) =>
        RunAsync(tenant, limits, (source, o, token) => engine.InstantAsync(source, query, at, o, token), cancellationToken);

    /// <summary>Runs a range query; times are Unix milliseconds.</summary>
    public ValueTask<QueryRun> RangeAsync(TenantId tenant, PreparedQuery query, long start, long end, long step, QueryLimits limits, CancellationToken cancellationToken) =>
        RunAsync(tenant, limits, (source, o, token) => engine.RangeAsync(source, query, start, end, step, o, token), cancellationToken);

    private async ValueTask<QueryRun> RunAsync(
        TenantId tenant,
        QueryLimits limits,
        Func<PromQL.Sources.IQueryable, QueryOptions, CancellationToken, ValueTask<QueryResult>> run,
        CancellationToken cancellationToken)
    {
        var own = new OwnLimits(tenant, tenantLimits.Of(tenant), limits.Timeout);
        var timeout = own.Timeout;
        if (timeout <= TimeSpan.Zero)
        {
            throw new ApiException(ApiErrorType.Timeout, "query timed out in query execution");
        }

        var start = time.GetTimestamp();
        await WaitAsync(own, cancellationToken);
        try
        {
            var queued = time.GetElapsedTime(start);
            var rest = timeout - queued;
            var result = await run(
                own.Samples(sources),
                new QueryOptions
                {
                    Timeout = rest > TimeSpan.Zero ? rest : TimeSpan.FromTicks(1),
                    MaxSamples = own.Limits.QueryMaxSamples,
                    MaxBytes = own.Limits.QueryMaxBytes,
                    LookbackDeltaMs = limits.LookbackDelta,
                    MeasureOperators = limits.MeasureOperators,
                },
                cancellationToken);
            metrics.Evaluated(result.Statistics.TotalQueryableSamples);
            return new QueryRun(result, queued);
        }
        catch (QueryException e) when (own.Explain(e) is { } explained)
        {
            throw explained;
        }
        finally
        {
            gate.Leave(tenant);
        }
    }

    private async ValueTask WaitAsync(OwnLimits own, CancellationToken cancellationToken)
    {
        using var expiry = new CancellationTokenSource(own.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, expiry.Token);
        try
        {
            await gate.EnterAsync(own.Tenant, own.Limits.QueryMaxConcurrent, either.Token);
        }
        catch (OperationCanceledException e)
        {
            throw cancellationToken.IsCancellationRequested
                ? new ApiException(ApiErrorType.Canceled, "query was canceled in query queue", e)
                : new ApiException(ApiErrorType.Timeout, own.QueueText(gate.IsAtLimit(own.Tenant)), e);
        }
    }
}

/// <summary>What a request asks of its query's run.</summary>
/// <param name="Timeout">Longest time, waiting included; the tenant's applies where it is shorter.</param>
/// <param name="LookbackDelta">Lookback in milliseconds, or null for the server's.</param>
/// <param name="MeasureOperators">Whether each operator is measured.</param>
internal readonly record struct QueryLimits(TimeSpan Timeout, long? LookbackDelta, bool MeasureOperators);

/// <summary>An answered query.</summary>
/// <param name="Result">The answer.</param>
/// <param name="Queued">Time spent waiting for a place.</param>
internal sealed record QueryRun(QueryResult Result, TimeSpan Queued);
