using System.Globalization;
using Deucalion.Common.Contracts;
using Deucalion.Querier.Json;
using Deucalion.Querier.Sources;

namespace Deucalion.Querier.Api;

/// <summary>The endpoints below <c>/status</c>. Thread-safe.</summary>
internal sealed class StatusEndpoints(ITenantSources sources, IServerStatus status, TimeProvider time)
{
    private const int DefaultLimit = 10;
    private const int MaxLimit = 10_000;

    /// <summary><c>/status/buildinfo</c></summary>
    public ValueTask BuildInfo(ApiCall call)
    {
        var build = status.Build;
        var json = new JsonFields(call.Output);
        json.String("version", build.Version);
        json.String("revision", build.Revision);
        json.String("branch", build.Branch);
        json.String("buildUser", build.BuildUser);
        json.String("buildDate", build.BuildDate);
        json.String("goVersion", build.Runtime);
        json.End();
        return default;
    }

    /// <summary><c>/status/runtimeinfo</c></summary>
    public ValueTask RuntimeInfo(ApiCall call)
    {
        var json = new JsonFields(call.Output);
        json.String("startTime", Time(status.StartTime));
        json.String("CWD", Environment.CurrentDirectory);
        json.String("hostname", Environment.MachineName);
        json.String("serverTime", Time(time.GetUtcNow()));
        json.Bool("reloadConfigSuccess", status.LastReloadSucceeded);
        json.String("lastConfigTime", Time(status.LastReload));
        json.Number("corruptionCount", 0);
        json.Number("goroutineCount", ThreadPool.ThreadCount);
        json.Number("GOMAXPROCS", Environment.ProcessorCount);
        json.Number("GOMEMLIMIT", GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        json.String("GOGC", string.Empty);
        json.String("GODEBUG", string.Empty);
        json.String("storageRetention", status.Retention);
        json.End();
        return default;
    }

    /// <summary><c>/status/config</c></summary>
    public ValueTask Configuration(ApiCall call)
    {
        var json = new JsonFields(call.Output);
        json.String("yaml", status.ConfigurationYaml);
        json.End();
        return default;
    }

    /// <summary><c>/status/flags</c></summary>
    public ValueTask Flags(ApiCall call)
    {
        var json = new JsonFields(call.Output);
        foreach (var (name, value) in status.Flags.OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            json.String(name, value);
        }

        json.End();
        return default;
    }

    /// <summary><c>/status/walreplay</c>: the API answers only after it.</summary>
    public static ValueTask Replay(ApiCall call)
    {
        call.Output.Raw("{\"min\":0,\"max\":0,\"current\":0}"u8);
        return default;
    }

    /// <summary><c>/status/tsdb</c></summary>
    public async ValueTask TsdbAsync(ApiCall call)
    {
        var text = call.Parameters.Get("limit");
        long limit = DefaultLimit;
        if (text.Length > 0 && (!ParameterText.TryInteger(text, out limit, out _) || limit < 1))
        {
            throw ApiException.BadData("limit must be a positive number");
        }

        if (limit > MaxLimit)
        {
            throw ApiException.BadData($"limit must not exceed {MaxLimit}");
        }

        var figures = await sources.StatusAsync(call.Tenant, (int)limit, call.Aborted);
        var output = call.Output;
        output.Raw("{\"headStats\":"u8);
        var head = new JsonFields(output);
        head.Number("numSeries", figures.Series);
        head.Number("numLabelPairs", figures.LabelPairs);
        head.Number("chunkCount", figures.Chunks);
        head.Number("minTime", figures.MinTime);
        head.Number("maxTime", figures.MaxTime);
        head.End();
        WriteCounts(output, ",\"seriesCountByMetricName\":["u8, figures.SeriesByMetric, limit);
        WriteCounts(output, ",\"labelValueCountByLabelName\":["u8, figures.ValuesByLabel, limit);
        WriteCounts(output, ",\"memoryInBytesByLabelName\":["u8, figures.BytesByLabel, limit);
        WriteCounts(output, ",\"seriesCountByLabelValuePair\":["u8, figures.SeriesByPair, limit);
        output.Raw((byte)'}');
    }

    private static void WriteCounts(JsonOutput output, ReadOnlySpan<byte> opening, IReadOnlyList<NamedCount> counts, long limit)
    {
        output.Raw(opening);
        for (var i = 0; i < Math.Min(counts.Count, limit); i++)
        {
            if (i > 0)
            {
                output.Raw((byte)',');
            }

            var json = new JsonFields(output);
            json.String("name", counts[i].Name);
            json.Number("value", counts[i].Value);
            json.End();
        }

        output.Raw((byte)']');
    }

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);
}
