using System.Globalization;
using Deucalion.Interop.Kit;
using Deucalion.Testing.Processes;
using Xunit;

namespace Deucalion.Interop.Durability;

/// <summary>A node starts on the data directory of a node of a past version, killed while it was writing, and has all of its samples.</summary>
public sealed class UpgradeTests
{
    [Theory]
    [InlineData("v0.1.0")]
    [InlineData("v0.2.0")]
    [InlineData("v0.3.0")]
    [Trait("Category", "slow")]
    public async Task AnswersWithEverySample_WhenAPastVersionWroteTheData(string version)
    {
        using var directory = new TemporaryDirectory();
        Copies.Tree(Path.Combine(NodeProcess.RepositoryRoot(), "tests", "Storage.Tests", "fixtures", version), directory.Child("data"));
        using var node = await NodeProcess.StartAsync(directory.Child("data"), "telemetry:\n  self_scrape: false\n");
        var data = await node.GetDataAsync(PrometheusApi.InstantPath("fixture[20m]", 1_700_000_000 + (59 * 15)));
        var series = data.GetProperty("result").EnumerateArray().OrderBy(static s => s.GetProperty("metric").GetProperty("s").GetString(), StringComparer.Ordinal).ToList();
        Assert.Equal(3, series.Count);
        for (var s = 0; s < series.Count; s++)
        {
            var values = series[s].GetProperty("values").EnumerateArray()
                .Select(static v => (v[0].GetDouble(), double.Parse(v[1].GetString()!, CultureInfo.InvariantCulture)));
            Assert.Equal(Enumerable.Range(0, 60).Select(i => (1_700_000_000 + (i * 15.0), (s * 1000) + i + (0.25 * (i % 3)))), values);
        }
    }
}
