using Deucalion.Common.Labels;
using Deucalion.PromQL.Engine;
using Deucalion.PromQL.Plan.Explanation;
using Deucalion.Querier.Json;
using ValueType = Deucalion.PromQL.Ast.ValueType;

namespace Deucalion.Querier.Api;

/// <summary>The endpoints that evaluate. Thread-safe.</summary>
internal sealed class QueryEndpoints(QueryRunner runner, TimeProvider time)
{
    private const int MaxSteps = 11_000;
    private const long NanosecondsPerMillisecond = 1_000_000;
    private const long NanosecondsPerTick = 100;

    /// <summary><c>/query</c></summary>
    public async ValueTask InstantAsync(ApiCall call)
    {
        var limit = call.Limit();
        var at = call.OptionalTime("time", time.GetUtcNow().ToUnixTimeMilliseconds());
        var limits = Limits(call);
        var query = runner.Prepare(call.Parameters.Get("query"));
        await WriteAsync(call, await runner.InstantAsync(call.Tenant, query, at, limits, call.Aborted), limit);
    }

    /// <summary><c>/query_range</c></summary>
    public async ValueTask RangeAsync(ApiCall call)
    {
        var limit = call.Limit();
        var start = call.RequiredTime("start");
        var end = call.RequiredTime("end");
        if (end < start)
        {
            throw ApiException.InvalidParameter("end", "end timestamp must not be before start time");
        }

        if (!ParameterText.TryDuration(call.Parameters.Get("step"), out var step, out var error))
        {
            throw ApiException.InvalidParameter("step", error);
        }

        if (step <= 0)
        {
            throw ApiException.InvalidParameter("step", "zero or negative query resolution step widths are not accepted. Try a positive integer");
        }

        if ((Int128)(end - start) * NanosecondsPerMillisecond / step > MaxSteps)
        {
            throw ApiException.BadData("exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)");
        }

        var limits = Limits(call);
        var query = runner.Prepare(call.Parameters.Get("query"));
        if (query.Expression.Type is not (ValueType.Scalar or ValueType.Vector))
        {
            var type = query.Expression.Type == ValueType.Matrix ? "range vector" : "string";
            throw ApiException.InvalidParameter("query", $"invalid expression type \"{type}\" for range query, must be Scalar or instant Vector");
        }

        // The engine counts in milliseconds; a finer step would stand still.
        var stepMilliseconds = Math.Max(1, step / NanosecondsPerMillisecond);
        await WriteAsync(call, await runner.RangeAsync(call.Tenant, query, start, end, stepMilliseconds, limits, call.Aborted), limit);
    }

    private static QueryLimits Limits(ApiCall call)
    {
        var timeout = TimeSpan.MaxValue;
        var text = call.Parameters.Get("timeout");
        if (text.Length > 0)
        {
            timeout = ParameterText.TryDuration(text, out var nanoseconds, out var error)
                ? TimeSpan.FromTicks(nanoseconds / NanosecondsPerTick)
                : throw ApiException.InvalidParameter("timeout", error);
        }

        long? lookback = null;
        text = call.Parameters.Get("lookback_delta");
        if (text.Length > 0)
        {
            if (!ParameterText.TryDuration(text, out var nanoseconds, out var error))
            {
                throw ApiException.BadData($"error parsing lookback delta duration: {error}");
            }

            lookback = nanoseconds > 0 ? Math.Max(1, nanoseconds / NanosecondsPerMillisecond) : null;
        }

        return new QueryLimits(timeout, lookback, call.Parameters.Get("stats") == "all");
    }

    private static async ValueTask WriteAsync(ApiCall call, QueryRun run, int limit)
    {
        var result = run.Result;
        call.Warnings.AddRange(result.Warnings);
        call.Infos.AddRange(result.Infos);
        var output = call.Output;
        output.Raw("{\"resultType\":"u8);
        switch (result.Type)
        {
            case ResultType.Vector:
                output.Raw("\"vector\",\"result\":"u8);
                await WriteSeriesAsync(call, result.Series, limit, QueryResultJson.WriteSample);
                break;
            case ResultType.Matrix:
                output.Raw("\"matrix\",\"result\":"u8);
                await WriteSeriesAsync(call, result.Series, limit, QueryResultJson.WriteSeries);
                break;
            default:
                output.Raw(result.Type == ResultType.Scalar ? "\"scalar\",\"result\":"u8 : "\"string\",\"result\":"u8);
                QueryResultJson.WriteSingle(output, result);
                break;
        }

        var stats = call.Parameters.Get("stats");
        if (stats.Length > 0)
        {
            if (stats is not ("true" or "all"))
            {
                call.Warnings.Add(
                    $"value {LabelText.Quote(stats)} for parameter \"stats\" is deprecated and will be rejected in the next major release, use \"true\" or \"all\"");
            }

            output.Raw(",\"stats\":"u8);
            StatisticsJson.Write(output, result, run.Queued, withOperators: stats == "all");
        }

        if (call.Parameters.Get("explain") == "true")
        {
            output.Raw(",\"explanation\":"u8);
            output.String(PlanText.Print(result.Plan));
        }

        output.Raw((byte)'}');
    }

    private static async ValueTask WriteSeriesAsync(ApiCall call, IReadOnlyList<ResultSeries> series, int limit, Action<JsonOutput, ResultSeries> write)
    {
        var count = Math.Min(series.Count, limit);
        if (count < series.Count)
        {
            call.WarnTruncated();
        }

        call.Output.Raw((byte)'[');
        for (var i = 0; i < count; i++)
        {
            if (i > 0)
            {
                call.Output.Raw((byte)',');
            }

            call.Aborted.ThrowIfCancellationRequested();
            write(call.Output, series[i]);
            await call.FlushIfFullAsync();
        }

        call.Output.Raw((byte)']');
    }
}
