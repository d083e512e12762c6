using Deucalion.Common.Labels;

namespace Deucalion.Querier.Tests.Api;

/// <summary>An hour of a small service up to Unix time 1,700,000,000.</summary>
internal static class SampleData
{
    public static MemorySources Service()
    {
        var sources = new MemorySources();
        var times = Enumerable.Range(0, 241).Select(i => (1_700_000_000L - 3600 + (i * 15)) * 1000).ToArray();
        foreach (var instance in new[] { "a:80", "b:80" })
        {
            sources.Add(Labels.Of(("__name__", "up"), ("job", "api"), ("instance", instance)), times, Array.ConvertAll(times, _ => 1.0));
        }

        foreach (var code in new[] { "200", "500" })
        {
            var step = code == "200" ? 30 : 1;
            sources.Add(
                Labels.Of(("__name__", "http_requests_total"), ("job", "api"), ("instance", "a:80"), ("code", code)),
                times,
                Enumerable.Range(0, times.Length).Select(i => (double)(i * step)).ToArray());
        }

        sources.Metadata.Add(new("up", "gauge", "Target up.", string.Empty));
        sources.Metadata.Add(new("http_requests_total", "counter", "Requests <by> code & instance.", string.Empty));
        return sources;
    }
}
