using Deucalion.Common.Labels;
using Xunit;

namespace Deucalion.Querier.Tests.Api;

public sealed class PrometheusAnswersTests
{
    [Theory]
    [InlineData("")]
    [InlineData("/prometheus")]
    public async Task AnswersAsPrometheusDoes_ForTheRecordedRequests(string prefix)
    {
        var sources = new MemorySources();
        sources.Add(Labels.Of(("__name__", "up"), ("job", "a")), [1_000_000], [1]);
        await using var host = await ApiHost.StartAsync(sources);
        var lines = (await File.ReadAllLinesAsync(Path.Combine(AppContext.BaseDirectory, "fixtures", "prometheus-answers.txt")))
            .Where(l => !l.StartsWith('#')).ToArray();
        var wrong = new List<string>();
        for (var i = 0; i + 2 < lines.Length; i += 3)
        {
            var parts = lines[i].Split(' ', 3);
            parts[1] = prefix + parts[1];
            var (status, body) = await host.SendAsync(string.Join(' ', parts));
            var expected = $"{lines[i + 1]} {lines[i + 2]}";
            var actual = $"{status} {body.TrimEnd()}";
            if (expected != actual)
            {
                wrong.Add($"{lines[i]}\n  expected {expected}\n  actual   {actual}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.True(lines.Length > 300);
    }
}
