using Deucalion.Common.Contracts;
using Deucalion.Common.Identifiers;
using Deucalion.Common.IO;
using Deucalion.Common.Labels;
using Deucalion.Common.Objects;
using Deucalion.Common.Tenants;
using Deucalion.Storage.Blocks;
using Deucalion.Storage.Chunks;
using Xunit;
using MatchType = Deucalion.Common.Labels.MatchType;

namespace Deucalion.Storage.Tests.Blocks;

public sealed class SelectTests
{
    private static readonly string[] Values = ["a", "b", "c", "ab", "x.y", "\u00e4", "\ud83d\ude00", "\uffee", ""];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task FindsTheSameSeriesAsAFullScan_WhenMatchersAreRandom(bool mapped)
    {
        using var directory = new TemporaryDirectory();
        var random = new Random(42);
        var all = RandomSeries(random, 400);
        using var block = await WriteAndOpenAsync(directory.Path, all, mapped);
        for (var round = 0; round < 120; round++)
        {
            var matchers = Enumerable.Range(0, random.Next(0, 4)).Select(_ => RandomMatcher(random)).ToArray();
            var from = random.Next(-100, 3000);
            var to = from + random.Next(0, 2000);
            using var selection = await block.SelectAsync(matchers, from, to, CancellationToken.None);
            await selection.LoadAsync(CancellationToken.None);
            var expected = all
                .Where(s => matchers.All(m => m.Matches(s.Labels.Get(m.Name))) && s.Times.Any(t => t.Min <= to && t.Max >= from))
                .OrderBy(s => s.Labels).ToArray();
            Assert.Equal(expected.Select(s => s.Labels), Enumerable.Range(0, selection.Count).Select(selection.LabelsAt));
            for (var i = 0; i < expected.Length; i++)
            {
                var times = expected[i].Times.Where(t => t.Min <= to && t.Max >= from).ToArray();
                Assert.Equal(times, selection.ChunksAt(i).ToArray().Select(c => (c.MinTime, c.MaxTime)));
                Assert.Equal((byte)times[0].Min, selection.Chunk(selection.FirstChunkAt(i), out _)[^1]);
            }

            using var batch = new ChunkSeriesBatch();
            selection.CopyTo(batch);
            Assert.Equal(selection.ChunkCount, batch.ChunkCount);

            // Names and values are those of matching series, whatever the time.
            var matching = all.Where(s => matchers.All(m => m.Matches(s.Labels.Get(m.Name)))).Select(s => s.Labels).ToArray();
            var names = await block.LabelNamesAsync(matchers, CancellationToken.None);
            Assert.Equal(Sorted(matching.SelectMany(l => Enumerable.Range(0, l.Count).Select(l.NameAt))), names);
            var values = await block.LabelValuesAsync("l1", matchers, CancellationToken.None);
            Assert.Equal(Sorted(matching.Select(l => l.Get("l1")).Where(v => v.Length > 0)), values);
        }
    }

    [Fact]
    public async Task FindsEachValue_WhenALabelHasMany()
    {
        using var directory = new TemporaryDirectory();
        var all = Enumerable.Range(0, 500).Select(i => new Series(Labels.Of(("__name__", "m"), ("i", $"v{i:D4}")), [(i, i)])).ToList();
        using var block = await WriteAndOpenAsync(directory.Path, all, true);
        for (var i = -1; i <= 500; i++)
        {
            var found = await block.SeriesAsync(
                [new LabelMatcher(MatchType.Equal, "i", $"v{i:D4}")], long.MinValue, long.MaxValue, CancellationToken.None);
            Assert.Equal(i is >= 0 and < 500 ? 1 : 0, found.Count);
        }

        Assert.Equal(500, (await block.LabelValuesAsync("i", [], CancellationToken.None)).Count);
        Assert.Equal(["__name__", "i"], await block.LabelNamesAsync([], CancellationToken.None));
    }

    [Fact]
    public async Task AnswersOrIsDisposed_WhenReadByManyWhileItIsDisposed()
    {
        for (var round = 0; round < 10; round++)
        {
            using var directory = new TemporaryDirectory();
            var all = RandomSeries(new Random(round), 200);
            var block = await WriteAndOpenAsync(directory.Path, all, true);
            using var started = new CountdownEvent(4);
            var readers = Enumerable.Range(0, 4).Select(reader => Task.Run(async () =>
            {
                var random = new Random(reader);
                for (var i = 0; ; i++)
                {
                    try
                    {
                        var matcher = RandomMatcher(random);
                        using var selection = await block.SelectAsync([matcher], long.MinValue, long.MaxValue, CancellationToken.None);
                        Assert.Equal(all.Count(s => matcher.Matches(s.Labels.Get(matcher.Name))), selection.Count);
                        for (var chunk = 0; chunk < selection.ChunkCount; chunk++)
                        {
                            Assert.Equal(ChunkEncoding.Xor, Encoding(selection, chunk));
                        }
                    }
                    catch (ObjectDisposedException)
                    {
                        return;
                    }
                    finally
                    {
                        if (i == 0)
                        {
                            started.Signal();
                        }
                    }
                }
            })).ToArray();
            Assert.True(started.Wait(TimeSpan.FromSeconds(60)));
            block.Dispose();
            await Task.WhenAll(readers);
        }
    }

    private static byte Encoding(BlockSelection selection, int chunk)
    {
        selection.Chunk(chunk, out var encoding);
        return encoding;
    }

    private static IEnumerable<string> Sorted(IEnumerable<string> strings)
    {
        var list = strings.Distinct().ToList();
        list.Sort(Utf8Order.Compare);
        return list;
    }

    private static async Task<BlockReader> WriteAndOpenAsync(string directory, List<Series> all, bool mapped)
    {
        var builder = new BlockBuilder();
        foreach (var series in all)
        {
            builder.BeginSeries(series.Labels);
            foreach (var (min, max) in series.Times)
            {
                var chunk = new byte[3 + (int)(min % 100)];
                chunk[^1] = (byte)min;
                builder.AddChunk(ChunkEncoding.Xor, min, max, chunk);
            }
        }

        var options = new BlockWriteOptions { Ulid = Ulid.Create(1, new byte[10]), SegmentSize = 20_000 };
        var disk = new LinuxDisk();
        var meta = BlockWriter.Write(disk, directory, builder, options, CancellationToken.None)!;
        var path = Path.Combine(directory, meta.Ulid);
        if (mapped)
        {
            return await BlockReader.OpenDirectoryAsync(path, CancellationToken.None);
        }

        var store = new LocalObjectStore(disk, Path.Combine(directory, "bucket"));
        await BlockUpload.UploadAsync(disk, path, store, TenantId.Anonymous, meta.Ulid, CancellationToken.None);
        return await BlockReader.OpenAsync(
            new RemoteStore(store), BlockUpload.Prefix(TenantId.Anonymous, meta.Ulid), CancellationToken.None);
    }

    private static List<Series> RandomSeries(Random random, int count)
    {
        var result = new Dictionary<Labels, Series>();
        while (result.Count < count)
        {
            var labels = Labels.Of(
                ("__name__", "m" + random.Next(5)),
                ("l1", Values[random.Next(Values.Length)]),
                ("l2", Values[random.Next(Values.Length)]),
                ("id", random.Next(10).ToString("D2", null)),
                ("z", random.Next(2) == 0 ? "" : new string('z', random.Next(6000))));
            var times = new List<(long, long)>();
            for (long at = random.Next(1000); times.Count == 0 || (at < 3000 && random.Next(3) > 0); at += random.Next(1, 500))
            {
                var end = at + random.Next(300);
                times.Add((at, end));
                at = end;
            }

            result.TryAdd(labels, new Series(labels, times));
        }

        return [.. result.Values];
    }

    private static LabelMatcher RandomMatcher(Random random)
    {
        var name = random.Next(6) switch { 0 => "__name__", 1 => "none", 2 => "id", 3 => "l2", _ => "l1" };
        var type = (MatchType)random.Next(4);
        string[] literals = [.. Values, "m1", "07", "nope"];
        string[] patterns = [".*", ".+", "a|b", "|a", "a.*", "[bc]", "m[0-2]", "0.", "x\\.y", "", ".*b", "(?i)A", "\u00e4|\ud83d\ude00"];
        var value = type is MatchType.Equal or MatchType.NotEqual
            ? literals[random.Next(literals.Length)]
            : patterns[random.Next(patterns.Length)];
        return new LabelMatcher(type, name, value);
    }

    private sealed record Series(Labels Labels, List<(long Min, long Max)> Times);
}
