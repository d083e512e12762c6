using System.Buffers.Binary;
using Deucalion.Common.Hashing;
using Deucalion.Common.Identifiers;
using Deucalion.Common.IO;
using Deucalion.Common.Labels;
using Deucalion.Common.Samples;
using Deucalion.Storage.Blocks;
using Deucalion.Storage.Chunks;
using Deucalion.Storage.Chunks.Xor;
using Deucalion.Storage.Merge;
using Deucalion.Storage.Tests.Tools.Prometheus;
using Deucalion.Storage.Tombstones;
using Xunit;

namespace Deucalion.Storage.Tests.Blocks;

/// <summary>Each fault that a block can have, made in a whole block, is found and named.</summary>
public sealed class BlockFaultTests
{
    private const long Start = 1_700_000_000_000;

    /// <summary>Faults of the index whose checksums fit.</summary>
    public static TheoryData<string, BlockProblemKind, string> Faults => new()
    {
        { "series swapped", BlockProblemKind.Order, "is not greater than the one before" },
        { "labels swapped", BlockProblemKind.Order, "its labels are not in order" },
        { "chunk overlaps", BlockProblemKind.ChunkOrder, "chunk 1 overlaps the one before" },
        { "float chunk longer", BlockProblemKind.Chunk, "the index says" },
        { "histogram chunk longer", BlockProblemKind.Chunk, "the index says" },
        { "histogram chunk earlier", BlockProblemKind.Chunk, "the index says" },
        { "list dangles", BlockProblemKind.Postings, "which does not exist" },
        { "all series dangle", BlockProblemKind.Postings, "postings of all series name series" },
        { "list unsorted", BlockProblemKind.Order, "are not in order" },
        { "list repeats", BlockProblemKind.Order, "postings of all series are not in order" },
        { "list of others", BlockProblemKind.Postings, "are not exactly the series that have it" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task IsNamed_WhenTheIndexHasIt(string fault, BlockProblemKind kind, string message)
    {
        using var directory = new TemporaryDirectory();
        var block = Write(directory.Path);
        Assert.Empty(await VerifyAsync(block));
        var path = Path.Combine(block, "index");
        var index = new IndexPatch(await File.ReadAllBytesAsync(path));
        Make(fault, index);
        await File.WriteAllBytesAsync(path, index.Bytes);
        Assert.Contains(await VerifyAsync(block), p => p.Kind == kind && p.Message.Contains(message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task IsNamed_WhenAChecksumDoesNotMatch()
    {
        using var directory = new TemporaryDirectory();
        var block = Write(directory.Path);
        var path = Path.Combine(block, "index");
        var whole = await File.ReadAllBytesAsync(path);
        var index = new IndexPatch(whole);
        foreach (var at in new[] { index.Toc(0) + 12, index.Entries()[3] + 3, ((index.Toc(4) + 3) / 4 * 4) + 12, index.Toc(5) + 9, whole.Length - 20 })
        {
            var bytes = whole.ToArray();
            bytes[at] ^= 4;
            await File.WriteAllBytesAsync(path, bytes);
            Assert.Contains(await VerifyAsync(block), static p => p.Kind == BlockProblemKind.Unreadable && p.Message.Contains("checksum", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("{__name__=\"f0\"}")]
    [InlineData("{__name__=\"h0\"}")]
    [InlineData("{__name__=\"h2\"}")]
    public async Task IsNamed_WhenAChunkHoldsMoreOrLessThanItSays(string series)
    {
        foreach (var difference in new[] { -1, 1 })
        {
            using var directory = new TemporaryDirectory();
            var block = Write(directory.Path);
            long offset;
            int size;
            using (var reader = await BlockReader.OpenDirectoryAsync(block, CancellationToken.None))
            {
                using var selection = await reader.SelectAsync([], long.MinValue, long.MaxValue, CancellationToken.None);
                var at = Enumerable.Range(0, selection.Count).First(i => selection.LabelsAt(i).ToString() == series);
                offset = selection.ChunksAt(at)[0].Offset;
                size = selection.Chunk(selection.FirstChunkAt(at), out _).Length;
            }

            var path = Path.Combine(block, "chunks", "000001");
            var bytes = await File.ReadAllBytesAsync(path);
            var start = (int)offset;
            while (bytes[start++] >= 0x80)
            {
            }

            // Encoding, then the chunk, which begins with the number of its samples.
            var count = bytes.AsSpan(start + 1);
            BinaryPrimitives.WriteUInt16BigEndian(count, (ushort)(BinaryPrimitives.ReadUInt16BigEndian(count) + difference));
            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(start + 1 + size), Crc32C.Compute(bytes.AsSpan(start, size + 1)));
            await File.WriteAllBytesAsync(path, bytes);
            Assert.Contains(await VerifyAsync(block), p => p.Kind == BlockProblemKind.Chunk && p.Message.StartsWith($"series {series}: chunk 0", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task IsNamed_WhenSamplesOfAChunkAreNotInOrder()
    {
        using var directory = new TemporaryDirectory();
        var builder = new BlockBuilder();
        builder.BeginSeries(Labels.Of(("a", "b")));
        var chunk = new byte[200];
        var appender = default(XorAppender);
        foreach (var time in new long[] { 1000, 3000, 2000, 4000 })
        {
            appender.TryAppend(chunk, time, 1);
        }

        builder.AddChunk(ChunkEncoding.Xor, 1000, 4000, chunk.AsSpan(0, appender.Length));
        var problem = (await VerifyAsync(Write(directory.Path, builder)))[0];
        Assert.Equal((BlockProblemKind.Chunk, "series {a=\"b\"}: chunk 0: XOR chunk times do not increase"), (problem.Kind, problem.Message));
    }

    [Fact]
    public async Task IsNamed_WhenTombstonesOrStatisticsAreOfSomethingElse()
    {
        using var directory = new TemporaryDirectory();
        var block = Write(directory.Path);
        await File.WriteAllBytesAsync(Path.Combine(block, "tombstones"), TombstoneSet.From([(9999, new TimeInterval(1, 2))]).ToFile());
        var path = Path.Combine(block, "meta.json");
        var meta = BlockMeta.Parse(await File.ReadAllBytesAsync(path));
        await File.WriteAllBytesAsync(path, (meta with { Stats = meta.Stats with { NumTombstones = 1, NumFloatSamples = meta.Stats.NumFloatSamples + 1, NumHistogramSamples = meta.Stats.NumHistogramSamples - 1 } }).ToJson());
        var problems = await VerifyAsync(block);
        Assert.Equal([BlockProblemKind.Tombstones, BlockProblemKind.Meta, BlockProblemKind.Meta], problems.Select(static p => p.Kind));
        Assert.Contains("histogram samples", problems[2].Message, StringComparison.Ordinal);
    }

    // Series by number: 0 to 2 floats of two chunks each, 3 to 5 histograms, 6 and 7 with two labels.
    private static void Make(string fault, IndexPatch index)
    {
        switch (fault)
        {
            case "series swapped":
                index.Swap(1, 2);
                break;
            case "labels swapped":
                index.Entry(6, body =>
                {
                    var (name, value) = (index.Bytes[body + 1], index.Bytes[body + 2]);
                    (index.Bytes[body + 1], index.Bytes[body + 2]) = (index.Bytes[body + 3], index.Bytes[body + 4]);
                    (index.Bytes[body + 3], index.Bytes[body + 4]) = (name, value);
                });
                break;
            case "chunk overlaps":
                index.Entry(0, body =>
                {
                    var at = index.Chunks(body);
                    index.Uvarint(ref at);
                    index.Uvarint(ref at);
                    index.Uvarint(ref at);
                    var gap = at;
                    index.Uvarint(ref at);
                    index.Bytes.AsSpan(gap..(at - 1)).Fill(0x80);
                    index.Bytes[at - 1] = 0;
                });
                break;
            case "float chunk longer" or "histogram chunk longer":
                index.Entry(fault[0] == 'f' ? 1 : 4, body =>
                {
                    var at = index.Chunks(body);
                    index.Uvarint(ref at);
                    index.Bytes[at] ^= 2;
                });
                break;
            case "histogram chunk earlier":
                index.Entry(5, body => index.Bytes[index.Chunks(body)] ^= 2);
                break;
            case "list dangles":
                index.Postings(1, static ids => ids[^1]++);
                break;
            case "all series dangle":
                index.Postings(0, static ids => ids[^1]++);
                break;
            case "list unsorted":
                index.Postings(0, static ids => (ids[0], ids[1]) = (ids[1], ids[0]));
                break;
            case "list repeats":
                index.Postings(0, static ids => ids[1] = ids[0]);
                break;
            default:
                var other = 0u;
                index.Postings(0, ids => other = ids[^1]);
                index.Postings(1, ids => ids[^1] = ids[^1] == other ? other - 3 : other);
                break;
        }
    }

    private static string Write(string directory)
    {
        var builder = new BlockBuilder();
        var encoder = new SeriesEncoder();
        var samples = new SampleBuffer();
        for (var s = 0; s < 8; s++)
        {
            samples.Clear();
            for (var i = 0; i < (s < 3 ? 200 : 20); i++)
            {
                var time = Start + (i * 15_000) + (s * 64);
                switch (s)
                {
                    case 3:
                        samples.Add(new HistogramSample(time, 0, WalRecordDecoderTests.Integer));
                        break;
                    case 4:
                        samples.Add(new HistogramSample(time, 0, WalRecordDecoderTests.Float));
                        break;
                    case 5:
                        samples.Add(new HistogramSample(time, 0, WalRecordDecoderTests.Custom));
                        break;
                    default:
                        samples.Add(time, i);
                        break;
                }
            }

            encoder.Encode(samples);
            builder.BeginSeries(s < 3 ? Labels.Of(("__name__", $"f{s}")) : s < 6 ? Labels.Of(("__name__", $"h{s - 3}")) : Labels.Of(("__name__", "z"), ("s", $"{s}")));
            for (var i = 0; i < encoder.Count; i++)
            {
                var chunk = encoder.ChunkAt(i);
                builder.AddChunk(chunk.Encoding, chunk.MinTime, chunk.MaxTime, chunk.Data);
            }
        }

        return Write(directory, builder);
    }

    private static string Write(string directory, BlockBuilder builder)
    {
        var options = new BlockWriteOptions { Ulid = Ulid.Create(TimeProvider.System.GetUtcNow()) };
        return Path.Combine(directory, BlockWriter.Write(new LinuxDisk(), directory, builder, options, CancellationToken.None)!.Ulid);
    }

    private static ValueTask<IReadOnlyList<BlockProblem>> VerifyAsync(string block) => BlockVerifier.VerifyDirectoryAsync(block, CancellationToken.None);
}
