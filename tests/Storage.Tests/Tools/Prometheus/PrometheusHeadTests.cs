using System.Globalization;
using Deucalion.Common.IO;
using Deucalion.Common.Samples;
using Deucalion.Storage.Blocks;
using Deucalion.Storage.Tools.Prometheus;
using Xunit;

namespace Deucalion.Storage.Tests.Tools.Prometheus;

public sealed class PrometheusHeadTests
{
    private const long TwoHours = 7_200_000;

    [Fact]
    public async Task ReadsCheckpointThenSegmentsThenLateSamples()
    {
        using var directory = new HeadDirectory();
        directory
            .Segment("wal/checkpoint.00000003/00000000", w => w.Add(WalRecord.Series((1, ["__name__", "a"]), (2, ["__name__", "b"]))).Add(WalRecord.Samples((1, 1000, 1), (2, 1000, 10))))
            .Segment("wal/checkpoint.00000002/00000000", w => w.Add([99]))
            .Segment("wal/checkpoint.00000004.tmp/00000000", w => w.Add([99]))
            .Segment("wal/00000003", w => w.Add(WalRecord.Samples((1, 1, 99))))
            .Segment("wal/00000004", w => w.Add(WalRecord.Samples((1, 2000, 2), (2, 2000, 20)), true).Add(WalRecord.Series((9, ["__name__", "a"]))))
            .Segment("wal/00000005", w => w.Add(WalRecord.Samples((9, 3000, 3), (7, 3000, 3), (1, 2500, 4), (9, 3000, 5))))
            .Segment("wbl/00000000", w => w.Add(WalRecord.Samples((1, 500, 5), (9, 400, 4))).Add(new WalRecord(5).Number(1).Number(8).ToArray()).Add(WalRecord.Samples((1, 2500, 6), (1, 500, 7))));
        Assert.Equal(
            ["{__name__=\"a\"} 4 400", "{__name__=\"a\"} 5 500", "{__name__=\"a\"} 1 1000", "{__name__=\"a\"} 2 2000", "{__name__=\"a\"} 6 2500", "{__name__=\"a\"} 3 3000", "{__name__=\"b\"} 10 1000", "{__name__=\"b\"} 20 2000"],
            await directory.DumpAsync());
        var stats = directory.Load().Stats;
        Assert.Equal((4, 5L, 4L, 2L, 1L), (stats.Segments, stats.Samples, stats.LateSamples, stats.NotInOrder, stats.UnknownSeries));
        Assert.Empty(stats.Torn);
    }

    [Fact]
    public async Task CountsASampleOnce_WhenAMappedChunkHoldsItToo()
    {
        using var directory = new HeadDirectory();
        directory
            .Chunks("000001", 0, (1, false, [(1000, 1), (2000, 2)]), (1, true, [(100, 7), (1500, 8)]), (5, false, [(1, 1)]))
            .Chunks("000002", 3, (1, false, [(3000, 3), (4000, 4)]), (2, false, [(4000, 5)]))
            .Segment("wal/00000000", w => w.Add(WalRecord.Series((1, ["__name__", "a"]), (2, ["__name__", "b"]))).Add(WalRecord.Samples((1, 1000, 1), (1, 2000, 2), (1, 3000, 3), (1, 4000, 4), (2, 4000, 5), (1, 5000, 6))))
            .Segment("wbl/00000000", w => w.Add(WalRecord.Samples((1, 100, 7))));
        Assert.Equal(
            ["{__name__=\"a\"} 7 100", "{__name__=\"a\"} 1 1000", "{__name__=\"a\"} 8 1500", "{__name__=\"a\"} 2 2000", "{__name__=\"a\"} 3 3000", "{__name__=\"a\"} 4 4000", "{__name__=\"a\"} 6 5000", "{__name__=\"b\"} 5 4000"],
            await directory.DumpAsync());
        var stats = directory.Load().Stats;
        Assert.Equal((4L, 4L, 2L, 1L), (stats.MappedChunks, stats.InMappedChunks, stats.Samples, stats.UnknownSeries));
        Assert.Contains("000002: ends within a chunk", Assert.Single(stats.Torn), StringComparison.Ordinal);
    }

    [Fact]
    public void ReadsAMappedChunk_WhenItIsTheExample()
    {
        using var directory = new HeadDirectory();
        directory.Segment("wal/00000000", w => w.Add(WalRecord.Series((1, ["__name__", "up"]))));
        Directory.CreateDirectory(Path.Combine(directory.Path, "chunks_head"));
        File.WriteAllBytes(
            Path.Combine(directory.Path, "chunks_head", "000001"),
            Convert.FromHexString("0130BC9101000000" + "000000000000000100000000000000000000000000007530010e0003003ff00000000000009875005ac522e4"));
        var head = directory.Load();
        Assert.Equal((1, 1L), (head.SeriesCount, head.Stats.MappedChunks));
        Assert.Empty(head.Stats.Torn);
    }

    [Fact]
    public async Task LeavesOutWhatBlocksHoldAndWhatIsDeleted()
    {
        using var directory = new HeadDirectory();
        directory
            .Chunks("000001", 0, (1, false, [(1000, 1), (2000, 2), (3000, 3)]), (1, false, [(100, 1), (200, 2)]))
            .Segment("wal/00000000", w => w.Add(WalRecord.Series((1, ["__name__", "a"]))).Add(WalRecord.Samples((1, 100, 1), (1, 1000, 1), (1, 2000, 2), (1, 3000, 3), (1, 4000, 4), (1, 5000, 5))).Add(WalRecord.Tombstone(1, 2500, 4000)).Add(WalRecord.Tombstone(8, 1, 2)))
            .Segment("wbl/00000000", w => w.Add(WalRecord.Samples((1, 500, 9))));
        Assert.Equal(["{__name__=\"a\"} 9 500", "{__name__=\"a\"} 2 2000", "{__name__=\"a\"} 5 5000"], await directory.DumpAsync(1500));
        var stats = directory.Load(1500).Stats;
        Assert.Equal((2L, 1L, 1L), (stats.InBlocks, stats.Deletions, stats.UnknownSeries));
        BlockMeta[] blocks = [new() { MaxTime = 1500 }, new() { MaxTime = 9000, Compaction = new BlockCompaction { Hints = ["from-out-of-order"] } }];
        Assert.Equal(1500, PrometheusHead.Begin(blocks));
        Assert.Equal(long.MinValue, PrometheusHead.Begin([]));
    }

    [Fact]
    public async Task WritesAlignedBlocks_WhenSeriesHoldEveryKindOfSample()
    {
        using var directory = new HeadDirectory();
        var start = 1_700_000_000_000 / TwoHours * TwoHours;
        var expected = new List<string>();
        directory.Segment("wal/00000000", writer =>
        {
            writer.Add(WalRecord.Series((1, ["__name__", "a"]), (2, ["__name__", "b"]), (3, ["__name__", "c"]), (4, ["__name__", "d"])));
            for (var i = 0; i < 300; i++)
            {
                var time = start + (i * 60_000L);
                var late = i % 10 == 9;
                writer.Add(WalRecord.Samples((1, time, i), (2, time, late ? SpecialValues.StaleNaN : i / 4.0)), true);
                writer.Add(WalRecord.Histograms(7, (3, time, WalRecordDecoderTests.Integer)), true);
                writer.Add(WalRecord.Histograms(i % 2 == 0 ? (byte)8 : (byte)9, (4, time, i % 2 == 0 ? WalRecordDecoderTests.Float : WalRecordDecoderTests.Custom)), true);
            }
        });
        var lines = await directory.DumpAsync();
        Assert.Equal(1200, lines.Count);
        for (var i = 0; i < 300; i++)
        {
            Assert.Equal(string.Create(CultureInfo.InvariantCulture, $"{{__name__=\"a\"}} {i} {start + (i * 60_000L)}"), lines[i]);
        }

        var disk = new LinuxDisk();
        var blocks = directory.Load().WriteBlocks(disk, Path.Combine(directory.Path, "one"), TimeProvider.System, CancellationToken.None);
        Assert.Equal([start, start + TwoHours, start + (2 * TwoHours)], blocks.Select(static b => b.Meta.MinTime));
        Assert.Equal([240, 240, 120], blocks.Select(static b => b.Meta.Stats.NumFloatSamples));
        Assert.Equal([240, 240, 120], blocks.Select(static b => b.Meta.Stats.NumHistogramSamples));

        // The same samples give the same names.
        var again = directory.Load().WriteBlocks(disk, Path.Combine(directory.Path, "two"), TimeProvider.System, CancellationToken.None);
        Assert.Equal(blocks.Select(static b => b.Meta.Ulid), again.Select(static b => b.Meta.Ulid));
        Assert.Equal(3, blocks.Select(static b => b.Meta.Ulid).Distinct().Count());
    }

    [Fact]
    public void NamesTheFile_WhenOneIsMissingOrDamaged()
    {
        using var directory = new HeadDirectory();
        Assert.False(PrometheusHead.Exists(directory.Path));
        directory
            .Segment("wal/00000001", w => w.Add(WalRecord.Series((1, ["__name__", "a"]))))
            .Segment("wal/00000003", w => w.Add(WalRecord.Samples((1, 1, 1))));
        Assert.Contains("file 2 is missing", Assert.Throws<WalException>(() => directory.Load()).Message, StringComparison.Ordinal);
        directory.Segment("wal/00000002", w => w.Add([2, 1, 2]));
        Assert.Contains("00000002: offset 0: the record cannot be read", Assert.Throws<WalException>(() => directory.Load()).Message, StringComparison.Ordinal);
        directory.Segment("wal/checkpoint.00000000/00000000", w => w.Add([2, 1, 2]));
        Assert.Contains("checkpoint.00000000/00000000: offset 0", Assert.Throws<WalException>(() => directory.Load()).Message, StringComparison.Ordinal);
        directory.Segment("wal/checkpoint.00000001/00000000", w => w.Add(WalRecord.Series((1, ["__name__", "a"]))));
        directory.Segment("wal/00000002", w => w.Add(WalRecord.Samples((1, 1, 1))));
        Assert.Equal(1, directory.Load().SeriesCount);
        directory.Chunks("000001", 3, (1, false, [(1, 1)])).Chunks("000002", 0, (1, false, [(2, 1)]));
        Assert.Contains("chunks_head/000001: offset 8", Assert.Throws<WalException>(() => directory.Load()).Message, StringComparison.Ordinal);
        Assert.True(PrometheusHead.Exists(directory.Path));
    }

    [Fact]
    public void NeverFailsOtherwise_WhenBytesAreChanged()
    {
        using var directory = new HeadDirectory();
        directory.Chunks("000001", 0, (1, false, [(1000, 1), (2000, 2)]), (1, false, [(3000, 1)]));
        directory.Segment("wal/00000000", w => w.Add(WalRecord.Series((1, ["__name__", "a"]))).Add(WalRecord.Samples((1, 5000, 1), (1, 6000, 2)), true).Add(WalRecord.Histograms(7, (1, 7000, WalRecordDecoderTests.Integer))));
        var random = new Random(11);
        foreach (var name in new[] { "wal/00000000", "chunks_head/000001" })
        {
            var path = Path.Combine(directory.Path, name);
            var whole = File.ReadAllBytes(path);
            for (var round = 0; round < 300; round++)
            {
                var bytes = (byte[])whole.Clone();
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                File.WriteAllBytes(path, bytes[..random.Next(bytes.Length + 1)]);
                try
                {
                    directory.Load();
                }
                catch (WalException)
                {
                }
            }

            File.WriteAllBytes(path, whole);
        }
    }
}
