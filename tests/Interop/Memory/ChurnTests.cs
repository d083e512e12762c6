using System.Globalization;
using Deucalion.Interop.Kit;
using Deucalion.Testing.Processes;
using Xunit;

namespace Deucalion.Interop.Memory;

/// <summary>Series that come and go, as pods do: memory follows those that are alive, not those that ever were.</summary>
public sealed class ChurnTests(ITestOutputHelper output)
{
    private const int Alive = 100_000;
    private const long Window = 2 * 60 * 60 * 1000;

    [Theory]
    [InlineData(10, 110)]
    [Trait("Category", "slow")]
    public Task ResidentMemoryStays_WhenAMillionSeriesPassThrough(int windows, int percent) => RunAsync(windows, percent);

    [Theory]
    [InlineData(100, 120)]
    [Trait("Category", "long")]
    public Task ResidentMemoryStays_WhenTenMillionSeriesPassThrough(int windows, int percent) => RunAsync(windows, percent);

    private async Task RunAsync(int windows, int percent)
    {
        using var directory = new TemporaryDirectory();
        using var node = await NodeProcess.StartAsync(directory.Path, "telemetry:\n  self_scrape: false\n");
        var sender = new SeriesSender(node);

        // Data time runs through the past, as fast as it is taken; each window is flushed when it is over.
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        var start = now - (now % Window) - ((windows + 1) * Window);
        var second = 0L;
        var last = 0L;
        for (var window = 0; window < windows; window++)
        {
            for (var sample = 1; sample < 4; sample++)
            {
                await sender.SendAsync((long)window * Alive, Alive, start + (window * Window) + (sample * (Window / 4)));
            }

            await node.FlushAsync();
            last = window < 2 || window == windows - 1 ? await SettledAsync(node) : ResidentMemory.Of(node.Process.Id);
            second = window == 1 ? last : second;
            if (window < 2 || window % 10 == 9)
            {
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"after window {window + 1}: {last >> 20} MiB resident"));
            }
        }

        Assert.True(last <= second * percent / 100, string.Create(CultureInfo.InvariantCulture, $"{last >> 20} MiB after {windows} windows, {second >> 20} MiB after two"));

        // All of it is there: each series counts three samples in its window.
        foreach (var window in new[] { 0, windows / 2, windows - 1 })
        {
            var end = (start + ((window + 1) * Window) - 1) / 1000.0;
            var data = await node.GetDataAsync(PrometheusApi.InstantPath("sum(count_over_time(app_requests_total[119m]))", end));
            Assert.Equal((Alive * 3).ToString(CultureInfo.InvariantCulture), data.GetProperty("result")[0].GetProperty("value")[1].GetString());
        }
    }

    // Garbage of what was just flushed is collected beside the work: the memory that stays is what no longer shrinks.
    private static async Task<long> SettledAsync(NodeProcess node)
    {
        var resident = ResidentMemory.Of(node.Process.Id);
        for (var unchanged = 0; unchanged < 10; await Task.Delay(100))
        {
            var now = ResidentMemory.Of(node.Process.Id);
            unchanged = now >= resident ? unchanged + 1 : 0;
            resident = Math.Min(resident, now);
        }

        return resident;
    }
}
