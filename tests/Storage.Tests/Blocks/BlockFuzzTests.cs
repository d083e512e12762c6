using Deucalion.Common.Hashing;
using Deucalion.Common.Labels;
using Deucalion.Common.Samples;
using Deucalion.Storage.Blocks;
using Deucalion.Storage.Chunks;
using Deucalion.Storage.Index;
using Deucalion.Storage.Tombstones;
using Xunit;

namespace Deucalion.Storage.Tests.Blocks;

public sealed class BlockFuzzTests
{
    [Theory]
    [InlineData("blocks/small/index")]
    [InlineData("blocks/many/index")]
    [InlineData("index_format_v1/index")]
    public async Task ThrowsTypedErrorOnly_WhenAnIndexIsDamaged(string file)
    {
        var good = await File.ReadAllBytesAsync(VectorBlocks.Directory(file));
        var damaged = 0;
        for (var seed = 0; seed < 800; seed++)
        {
            var random = new Random(seed);
            var bytes = Mutate(good, random);
            if (seed % 2 == 0)
            {
                RepairChecksums(bytes);
            }

            try
            {
                await ReadAllAsync(bytes);
            }
            catch (CorruptBlockException)
            {
                damaged++;
            }
        }

        Assert.True(damaged > 400);
    }

    [Fact]
    public void ThrowsTypedErrorOnly_WhenAChunksFileIsDamaged()
    {
        var good = VectorBlocks.File("small", "chunks/000001");
        var buffer = new SampleBuffer();
        var damaged = 0;
        for (var seed = 0; seed < 2000; seed++)
        {
            var bytes = Mutate(good, new Random(seed));
            try
            {
                ChunkSegment.VerifyHeader(bytes);
                for (var at = ChunkSegment.HeaderSize; at < bytes.Length;)
                {
                    var size = ChunkSegment.EntrySize(bytes.AsSpan(at));
                    var chunk = ChunkSegment.Chunk(bytes.AsSpan(at), out var encoding);
                    buffer.Clear();
                    ChunkDecoder.Decode(encoding, chunk, long.MinValue, long.MaxValue, buffer);
                    at += size;
                }
            }
            catch (Exception e) when (e is CorruptBlockException or CorruptChunkException)
            {
                damaged++;
            }
        }

        Assert.True(damaged > 1000);
    }

    [Fact]
    public void ThrowsTypedErrorOnly_WhenMetaIsDamaged()
    {
        var good = VectorBlocks.File("small", "meta.json");
        var damaged = 0;
        for (var seed = 0; seed < 2000; seed++)
        {
            try
            {
                Assert.Equal(1, BlockMeta.Parse(Mutate(good, new Random(seed))).Version);
            }
            catch (CorruptBlockException)
            {
                damaged++;
            }
        }

        Assert.True(damaged > 1000);
    }

    [Fact]
    public void ThrowsTypedErrorOnly_WhenTombstonesAreDamaged()
    {
        var good = TombstoneSet.From([(2, new TimeInterval(5, 9)), (300, new TimeInterval(-5, 300))]).ToFile();
        for (var seed = 0; seed < 2000; seed++)
        {
            var bytes = Mutate(good, new Random(seed));
            if (bytes.Length > 9)
            {
                var crc = Crc32C.Compute(bytes.AsSpan(5..^4));
                System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(bytes.Length - 4), crc);
            }

            try
            {
                Assert.InRange(TombstoneSet.Parse(bytes).Count, 0, 10);
            }
            catch (CorruptBlockException)
            {
                // What most of them come to.
            }
        }
    }

    // Gives the sections whose ends can still be found their checksums back, so that what lies behind the checksums is met.
    private static void RepairChecksums(byte[] bytes)
    {
        if (bytes.Length < 60)
        {
            return;
        }

        var toc = bytes.AsSpan(bytes.Length - 52);
        for (var i = 0; i < 6; i++)
        {
            var at = System.Buffers.Binary.BinaryPrimitives.ReadInt64BigEndian(toc[(8 * i)..]);
            if (at < 0 || at > bytes.Length - 8)
            {
                continue;
            }

            long length = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan((int)at));
            if (at + 8 + length <= bytes.Length)
            {
                var body = bytes.AsSpan((int)at + 4, (int)length);
                System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan((int)(at + 4 + length)), Crc32C.Compute(body));
            }
        }

        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(toc[48..], Crc32C.Compute(toc[..48]));
    }

    private static async Task ReadAllAsync(byte[] bytes)
    {
        var source = new MemoryByteSource(bytes);
        var index = await IndexReader.OpenAsync(source, CancellationToken.None);
        using var ids = await index.SelectAsync([], CancellationToken.None);
        using var sets = new LabelSets();
        using var labels = new BlockLabels(index.Symbols, sets);
        await SeriesScan.RunAsync(
            source,
            index,
            ids,
            (_, body) =>
            {
                labels.Add(ref body);
                SeriesEntry.Chunks(ref body, long.MinValue, long.MaxValue, []);
            },
            CancellationToken.None);
        foreach (var name in index.Postings.Names)
        {
            using var found = await index.SelectAsync(
                [new LabelMatcher(Common.Labels.MatchType.Regex, name, ".+")], CancellationToken.None);
        }
    }

    private static byte[] Mutate(byte[] good, Random random)
    {
        var bytes = (byte[])good.Clone();
        for (var i = random.Next(1, 4); i > 0; i--)
        {
            var at = random.Next(bytes.Length);
            switch (random.Next(4))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = random.Next(2) == 0 ? (byte)0xff : (byte)0;
                    break;
                case 2:
                    bytes[at] = (byte)random.Next(256);
                    break;
                default:
                    var from = random.Next(good.Length - Math.Min(8, good.Length - 1));
                    good.AsSpan(from, Math.Min(8, bytes.Length - at)).CopyTo(bytes.AsSpan(at));
                    break;
            }
        }

        return random.Next(8) == 0 ? bytes[..random.Next(bytes.Length)] : bytes;
    }
}
