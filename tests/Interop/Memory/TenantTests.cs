using System.Globalization;
using Deucalion.Interop.Kit;
using Deucalion.Testing.Processes;
using Xunit;

namespace Deucalion.Interop.Memory;

/// <summary>Many small tenants cost little more than one large one.</summary>
public sealed class TenantTests(ITestOutputHelper output)
{
    private const int Tenants = 1000;
    private const int SeriesOfTenant = 1000;
    private const int Samples = 15;

    [Fact]
    [Trait("Category", "slow")]
    public async Task ThousandTenantsTakeAtMostHalfAsMuchAgain_AsOneOfTheSameSize()
    {
        var (one, objectsOfOne) = await MeasureAsync(1, Tenants * SeriesOfTenant);
        var (many, objectsOfMany) = await MeasureAsync(Tenants, SeriesOfTenant);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"1 tenant x {Tenants * SeriesOfTenant} series: {one >> 20} MiB, {objectsOfOne} objects a flush; {Tenants} x {SeriesOfTenant}: {many >> 20} MiB, {objectsOfMany} objects"));
        Assert.True(many <= one * 1.5, string.Create(CultureInfo.InvariantCulture, $"{many >> 20} MiB for {Tenants} tenants, {one >> 20} MiB for one"));
    }

    private static async Task<(long Resident, int Objects)> MeasureAsync(int tenants, int series)
    {
        using var directory = new TemporaryDirectory();
        using var node = await NodeProcess.StartAsync(directory.Path, "telemetry:\n  self_scrape: false\n");
        var sender = new SeriesSender(node);
        var start = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() - (Samples * 15_000);
        for (var sample = 0; sample < Samples; sample++)
        {
            await Parallel.ForEachAsync(
                Enumerable.Range(0, tenants),
                new ParallelOptions { MaxDegreeOfParallelism = 2 },
                async (tenant, _) => await sender.SendAsync((long)tenant * series, series, start + (sample * 15_000), $"tenant-{tenant}"));
        }

        var resident = ResidentMemory.Of(node.Process.Id);
        await node.FlushAsync();
        return (resident, Directory.GetFiles(Path.Combine(directory.Path, "bucket"), "*", SearchOption.AllDirectories).Length);
    }
}
