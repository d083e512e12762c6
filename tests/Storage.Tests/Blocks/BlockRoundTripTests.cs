using System.Text.Json;
using Deucalion.Common.Identifiers;
using Deucalion.Common.IO;
using Deucalion.Common.Labels;
using Deucalion.Common.Samples;
using Deucalion.Storage.Blocks;
using Deucalion.Storage.Chunks;
using Deucalion.Storage.Merge;
using Deucalion.Storage.Tests.Chunks;
using Xunit;

namespace Deucalion.Storage.Tests.Blocks;

public sealed class BlockRoundTripTests
{
    private static readonly LabelMatcher[] Everything = [];

    [Theory]
    [InlineData("tiny")]
    [InlineData("small")]
    [InlineData("many")]
    public async Task WritesTheSameBytesAsPrometheus_WhenGivenTheContentOfItsBlock(string name)
    {
        using var directory = new TemporaryDirectory();
        using var block = await BlockReader.OpenDirectoryAsync(VectorBlocks.Block(name), CancellationToken.None);
        using var selection = await block.SelectAsync(Everything, long.MinValue, long.MaxValue, CancellationToken.None);
        Assert.True(Ulid.TryParse(block.Meta.Ulid, out var ulid));
        var meta = BlockWriter.Write(
            new LinuxDisk(), directory.Path, new CopyingSource(block, selection), new BlockWriteOptions { Ulid = ulid }, CancellationToken.None);

        Assert.NotNull(meta);
        Assert.Equal(block.Meta.Stats, meta.Stats);
        Assert.Equal((block.Meta.MinTime, block.Meta.MaxTime), (meta.MinTime, meta.MaxTime));
        foreach (var file in new[] { "index", "chunks/000001", "meta.json" })
        {
            var written = await File.ReadAllBytesAsync(Path.Combine(directory.Path, meta.Ulid, file));
            Assert.Equal(Convert.ToHexString(VectorBlocks.File(name, file)).TrimEnd(), Convert.ToHexString(written));
        }

        Assert.Equal([meta.Ulid], Directory.GetFileSystemEntries(directory.Path).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("tiny")]
    [InlineData("small")]
    public async Task ReadsWhatTheIndependentDecoderReads_WhenOpeningABlock(string name)
    {
        using var block = await BlockReader.OpenDirectoryAsync(VectorBlocks.Block(name), CancellationToken.None);
        using var selection = await block.SelectAsync(Everything, long.MinValue, long.MaxValue, CancellationToken.None);
        using var decoded = JsonDocument.Parse(VectorBlocks.File(name, "decoded.json"));
        var expected = decoded.RootElement.GetProperty("series");
        Assert.Equal(expected.GetArrayLength(), selection.Count);
        for (var i = 0; i < selection.Count; i++)
        {
            var labels = expected[i].GetProperty("labels").EnumerateObject().Select(p => (p.Name, p.Value.GetString()!)).ToArray();
            Assert.Equal(Labels.Of(labels), selection.LabelsAt(i));
            var chunks = selection.ChunksAt(i).ToArray();
            Assert.Equal(expected[i].GetProperty("chunks").GetArrayLength(), chunks.Length);
            for (var c = 0; c < chunks.Length; c++)
            {
                var chunk = expected[i].GetProperty("chunks")[c];
                Assert.Equal(chunk.GetProperty("mint").GetInt64(), chunks[c].MinTime);
                Assert.Equal(chunk.GetProperty("maxt").GetInt64(), chunks[c].MaxTime);
                var data = selection.Chunk(selection.FirstChunkAt(i) + c, out var encoding).ToArray();
                Assert.Equal(chunk.GetProperty("encoding").GetInt32(), encoding);
                if (encoding == ChunkEncoding.Xor)
                {
                    var buffer = new SampleBuffer();
                    ChunkDecoder.Decode(encoding, data, long.MinValue, long.MaxValue, buffer);
                    var samples = chunk.GetProperty("samples").EnumerateArray().ToArray();
                    Assert.Equal(samples.Select(s => s[0].GetInt64()), buffer.Times.ToArray());
                    Assert.Equal(
                        samples.Select(s => ChunkVectors.Bits(s[1])), buffer.Values.ToArray().Select(BitConverter.DoubleToUInt64Bits));
                }
            }
        }
    }

    [Fact]
    public async Task ReadsVersionOne_WhenTheBlockIsOld()
    {
        using var block = await BlockReader.OpenDirectoryAsync(VectorBlocks.Directory("index_format_v1"), CancellationToken.None);
        Assert.Equal(1, block.Index.Version);
        using var selection = await block.SelectAsync(Everything, long.MinValue, long.MaxValue, CancellationToken.None);
        Assert.Equal(block.Meta.Stats.NumSeries, selection.Count);
        var samples = 0L;
        var merger = new ChunkMerger();
        var buffer = new SampleBuffer();
        for (var i = 0; i < selection.Count; i++)
        {
            merger.Begin();
            selection.AddTo(merger, i);
            merger.Read(long.MinValue, long.MaxValue, buffer);
            samples += buffer.Count;
            var labels = selection.LabelsAt(i);
            var matchers = Enumerable.Range(0, labels.Count).Select(l => Equal(labels.NameAt(l), labels.ValueAt(l))).ToArray();
            var found = await block.SeriesAsync(matchers, long.MinValue, long.MaxValue, CancellationToken.None);
            Assert.Contains(labels, found);
        }

        Assert.Equal(block.Meta.Stats.NumSamples, samples);
        var names = await block.LabelNamesAsync([], CancellationToken.None);
        Assert.Equal(names.Order(StringComparer.Ordinal), names);
    }

    [Fact]
    public async Task RefusesTheIndex_WhenItsVersionIsUnknown()
    {
        var source = new MappedByteSource(VectorBlocks.Directory("repair_index_version/01BZJ9WJQPWHGNC2W4J9TA62KC/index"));
        var bytes = new byte[source.Length];
        await source.ReadAsync(0, bytes, CancellationToken.None);
        bytes[4] = 9;
        await Assert.ThrowsAsync<CorruptBlockException>(
            async () => await Storage.Index.IndexReader.OpenAsync(new MemoryByteSource(bytes), CancellationToken.None));
    }

    [Fact]
    public async Task KeepsItsFiles_WhenDisposedAndDeletedUnderASelection()
    {
        using var directory = new TemporaryDirectory();
        var samples = XorChunkTests.RandomSamples(new Random(1), 100);
        var builder = new BlockBuilder();
        builder.BeginSeries(Labels.Of(("__name__", "up")));
        builder.AddChunk(ChunkEncoding.Xor, samples[0].Time, samples[^1].Time, XorChunkTests.Encode(samples));
        var meta = BlockWriter.Write(
            new LinuxDisk(), directory.Path, builder, new BlockWriteOptions { Ulid = Ulid.Create(5, new byte[10]) }, CancellationToken.None)!;
        var path = Path.Combine(directory.Path, meta.Ulid);
        var block = await BlockReader.OpenDirectoryAsync(path, CancellationToken.None);
        var selection = await block.SelectAsync([Equal("__name__", "up")], long.MinValue, long.MaxValue, CancellationToken.None);
        block.Dispose();
        block.Dispose();
        Directory.Delete(path, true);
        var buffer = new SampleBuffer();
        ChunkDecoder.Decode(ChunkEncoding.Xor, selection.Chunk(0, out _), long.MinValue, long.MaxValue, buffer);
        Assert.Equal(samples.Length, buffer.Count);
        selection.Dispose();
        Assert.Throws<ObjectDisposedException>(() => selection.Chunk(0, out _).Length);
        await Assert.ThrowsAsync<ObjectDisposedException>(
            async () => await block.SelectAsync([], 0, 1, CancellationToken.None));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await block.LabelNamesAsync([], CancellationToken.None));
    }

    [Fact]
    public void LeavesNothing_WhenThereAreNoSamples()
    {
        using var directory = new TemporaryDirectory();
        var builder = new BlockBuilder();
        builder.BeginSeries(Labels.Of(("a", "b")));
        var options = new BlockWriteOptions { Ulid = Ulid.Create(5, new byte[10]) };
        Assert.Null(BlockWriter.Write(new LinuxDisk(), directory.Path, builder, options, CancellationToken.None));
        Assert.Empty(Directory.GetFileSystemEntries(directory.Path));
    }

    [Fact]
    public void WritesNothing_WhenChunksOverlap()
    {
        using var directory = new TemporaryDirectory();
        var builder = new BlockBuilder();
        builder.BeginSeries(Labels.Of(("a", "b")));
        builder.AddChunk(ChunkEncoding.Xor, 0, 10, [0, 1]);
        builder.AddChunk(ChunkEncoding.Xor, 10, 20, [0, 1]);
        var options = new BlockWriteOptions { Ulid = Ulid.Create(5, new byte[10]) };
        Assert.Throws<InvalidOperationException>(
            () => BlockWriter.Write(new LinuxDisk(), directory.Path, builder, options, CancellationToken.None));
        Assert.Empty(Directory.GetFileSystemEntries(directory.Path));
    }

    private static LabelMatcher Equal(string name, string value) => new(Common.Labels.MatchType.Equal, name, value);
}
