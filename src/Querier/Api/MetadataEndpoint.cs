using Deucalion.Common.Contracts;
using Deucalion.Common.Labels;
using Deucalion.Querier.Json;
using Deucalion.Querier.Sources;

namespace Deucalion.Querier.Api;

/// <summary><c>/metadata</c>: type, help and unit of metric families. Thread-safe.</summary>
internal sealed class MetadataEndpoint(ITenantSources sources)
{
    public async ValueTask AnswerAsync(ApiCall call)
    {
        var limit = Number(call, "limit");
        var perMetric = Number(call, "limit_per_metric");
        var metric = call.Parameters.Get("metric");
        var families = new SortedDictionary<string, List<MetricMetadata>>(Comparer<string>.Create(Utf8Order.Compare));
        if (limit != 0)
        {
            foreach (var entry in await sources.MetadataAsync(call.Tenant, call.Aborted))
            {
                if (metric.Length == 0 || entry.Family == metric)
                {
                    Add(families, entry, perMetric);
                }
            }
        }

        call.Output.Raw((byte)'{');
        var written = 0;
        foreach (var (family, entries) in families)
        {
            if (limit >= 0 && written >= limit)
            {
                break;
            }

            if (written++ > 0)
            {
                call.Output.Raw((byte)',');
            }

            call.Output.String(family);
            call.Output.Raw(":["u8);
            for (var i = 0; i < entries.Count; i++)
            {
                Write(call.Output, entries[i], first: i == 0);
            }

            call.Output.Raw((byte)']');
            await call.FlushIfFullAsync();
        }

        call.Output.Raw((byte)'}');
    }

    private static void Add(SortedDictionary<string, List<MetricMetadata>> families, MetricMetadata entry, long perMetric)
    {
        if (!families.TryGetValue(entry.Family, out var entries))
        {
            families[entry.Family] = entries = [];
        }

        if (!entries.Contains(entry) && (perMetric <= 0 || entries.Count < perMetric))
        {
            entries.Add(entry);
        }
    }

    private static void Write(JsonOutput output, MetricMetadata entry, bool first)
    {
        output.Raw(first ? "{"u8 : ",{"u8);
        output.Key("type"u8);
        output.String(entry.Type);
        output.Raw((byte)',');
        output.Key("unit"u8);
        output.String(entry.Unit);
        output.Raw((byte)',');
        output.Key("help"u8);
        output.String(entry.Help);
        output.Raw((byte)'}');
    }

    private static long Number(ApiCall call, string name)
    {
        var text = call.Parameters.Get(name);
        if (text.Length == 0)
        {
            return -1;
        }

        return ParameterText.TryInteger(text, out var value, out _) ? value : throw ApiException.BadData($"{name} must be a number");
    }
}
