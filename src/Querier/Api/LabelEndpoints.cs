using Deucalion.Common.Labels;
using Deucalion.Common.Tenants;
using Deucalion.Querier.Sources;

namespace Deucalion.Querier.Api;

/// <summary>Names, values and series. Thread-safe.</summary>
internal sealed class LabelEndpoints(ITenantSources sources)
{
    private static readonly IReadOnlyList<LabelMatcher> NoMatchers = [];

    private delegate ValueTask<IReadOnlyList<string>> NameSource(TenantId tenant, IReadOnlyList<LabelMatcher> matchers, CancellationToken cancellationToken);

    /// <summary><c>/labels</c></summary>
    public ValueTask NamesAsync(ApiCall call)
    {
        var limit = call.Limit();
        var (start, end) = TimeRange(call);
        return AnswerNamesAsync(call, limit, (tenant, matchers, token) => sources.LabelNamesAsync(tenant, matchers, start, end, token));
    }

    /// <summary><c>/label/NAME/values</c></summary>
    public ValueTask ValuesAsync(ApiCall call)
    {
        var name = LabelNameEscaping.Unescape(call.PathValue("name"));
        if (name.Length == 0)
        {
            throw ApiException.BadData("invalid label name: \"\"");
        }

        var limit = call.Limit();
        var (start, end) = TimeRange(call);
        return AnswerNamesAsync(call, limit, (tenant, matchers, token) => sources.LabelValuesAsync(tenant, name, matchers, start, end, token));
    }

    /// <summary><c>/series</c></summary>
    public async ValueTask SeriesAsync(ApiCall call)
    {
        if (call.Parameters.Error is { } error)
        {
            throw ApiException.BadData($"error parsing form values: {error}");
        }

        var texts = call.Parameters.GetAll("match[]");
        if (texts.Count == 0)
        {
            throw ApiException.BadData("no match[] parameter provided");
        }

        var limit = call.Limit();
        var (start, end) = TimeRange(call);
        List<IReadOnlyList<LabelMatcher>> sets;
        try
        {
            sets = MatcherParameters.Parse(texts);
        }
        catch (ApiException e)
        {
            throw ApiException.InvalidParameter("match[]", e.Message);
        }

        var found = new HashSet<Labels>();
        foreach (var set in sets)
        {
            found.UnionWith(await sources.SeriesAsync(call.Tenant, set, start, end, call.Aborted));
        }

        var series = found.ToArray();
        Array.Sort(series);
        if (series.Length > limit)
        {
            call.WarnTruncated();
        }

        call.Output.Raw((byte)'[');
        for (var i = 0; i < Math.Min(series.Length, limit); i++)
        {
            if (i > 0)
            {
                call.Output.Raw((byte)',');
            }

            Json.QueryResultJson.WriteLabels(call.Output, series[i]);
            await call.FlushIfFullAsync();
        }

        call.Output.Raw((byte)']');
    }

    private static (long Start, long End) TimeRange(ApiCall call) =>
        (call.OptionalTime("start", ParameterText.MinTime), call.OptionalTime("end", ParameterText.MaxTime));

    private static async ValueTask AnswerNamesAsync(ApiCall call, int limit, NameSource source)
    {
        var sets = MatcherParameters.Parse(call.Parameters.GetAll("match[]"));
        IReadOnlyList<string> names;
        if (sets.Count < 2)
        {
            names = await source(call.Tenant, sets.Count == 0 ? NoMatchers : sets[0], call.Aborted);
        }
        else
        {
            var union = new HashSet<string>(StringComparer.Ordinal);
            foreach (var set in sets)
            {
                union.UnionWith(await source(call.Tenant, set, call.Aborted));
            }

            var sorted = union.ToArray();
            Array.Sort(sorted, Utf8Order.Compare);
            names = sorted;
        }

        if (names.Count > limit)
        {
            call.WarnTruncated();
        }

        call.Output.Raw((byte)'[');
        for (var i = 0; i < Math.Min(names.Count, limit); i++)
        {
            if (i > 0)
            {
                call.Output.Raw((byte)',');
            }

            call.Output.String(names[i]);
            await call.FlushIfFullAsync();
        }

        call.Output.Raw((byte)']');
    }
}
