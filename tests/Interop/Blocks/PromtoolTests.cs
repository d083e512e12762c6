using System.Globalization;
using System.Text.RegularExpressions;
using Deucalion.Interop.Kit;
using Deucalion.Testing.Processes;
using Deucalion.Testing.RemoteWrite;
using Xunit;

namespace Deucalion.Interop.Blocks;

/// <summary>promtool reads a block that the node has cut: list, analyze, and a dump that equals what was written.</summary>
public sealed partial class PromtoolTests
{
    private static readonly double[] Oddities = [0, -0.0, 1.5, -1e300, 1e-300, double.PositiveInfinity, double.NegativeInfinity, 42];

    [Fact]
    [Trait("Category", "slow")]
    public async Task DumpsWhatWasWritten_WhenTheNodeHasCutABlock()
    {
        using var directory = new TemporaryDirectory();
        using var node = await NodeProcess.StartAsync(directory.Child("data"), "telemetry:\n  self_scrape: false\n");

        // An hour before a boundary of blocks to a quarter of an hour after it, all of it in the past.
        var boundary = (DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() - 900_000) / LocalBlocks.TwoHours * LocalBlocks.TwoHours;
        var start = boundary - 3_600_000;
        var written = new SortedSet<string>(StringComparer.Ordinal);
        var random = new Random(7);
        for (var step = 0; step < 300; step++)
        {
            var request = new WriteRequestEncoder();
            for (var s = 0; s < 20; s++)
            {
                var value = s == 0 ? Oddities[step % Oddities.Length] : s < 10 ? step * s : random.NextDouble() * 1000;
                var time = start + (step * 15_000L) + s;
                var series = s.ToString("00", CultureInfo.InvariantCulture);
                request.Series([("__name__", "dumped"), ("quote", "a\"b\\c\nd"), ("series", series)], [(time, value)]);
                written.Add($"{series} {time} {BitConverter.DoubleToInt64Bits(value):x}");
            }

            await Pushing.PushAsync(node.Http, request);
        }

        await node.FlushAsync();
        var tenant = Path.Combine(directory.Child("data"), "bucket", "anonymous");
        var blocks = Directory.GetDirectories(tenant).Where(d => File.Exists(Path.Combine(d, "meta.json"))).ToList();
        Assert.NotEmpty(blocks);

        var database = directory.Child("tsdb");
        Directory.CreateDirectory(Path.Combine(database, "wal"));
        foreach (var block in blocks)
        {
            Copies.Tree(block, Path.Combine(database, Path.GetFileName(block)));
        }

        var list = (await CommandRun.PromtoolAsync("tsdb", "list", database)).Output;
        Assert.All(blocks, b => Assert.Contains(Path.GetFileName(b), list, StringComparison.Ordinal));
        foreach (var block in blocks)
        {
            var analysis = (await CommandRun.PromtoolAsync("tsdb", "analyze", database, Path.GetFileName(block))).Output;
            Assert.Contains("Total Series:", analysis, StringComparison.Ordinal);
        }

        var dump = (await CommandRun.PromtoolAsync("tsdb", "dump", database)).Output;
        var dumped = new SortedSet<string>(StringComparer.Ordinal);
        foreach (Match line in DumpLine().Matches(dump))
        {
            var value = line.Groups["value"].Value switch
            {
                "+Inf" => double.PositiveInfinity,
                "-Inf" => double.NegativeInfinity,
                var text => double.Parse(text, CultureInfo.InvariantCulture),
            };
            Assert.True(dumped.Add($"{line.Groups["series"].Value} {line.Groups["time"].Value} {BitConverter.DoubleToInt64Bits(value):x}"), $"twice in the dump: {line.Value}");
        }

        Assert.Equal(written, dumped);
    }

    [GeneratedRegex("""^\{__name__="dumped", quote="a\\"b\\\\c\\nd", series="(?<series>\d+)"\} (?<value>\S+) (?<time>\d+)$""", RegexOptions.Multiline)]
    private static partial Regex DumpLine();
}
