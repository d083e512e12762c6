using System.Buffers.Binary;
using Deucalion.Common.Hashing;
using Deucalion.Storage.Blocks;
using Xunit;

namespace Deucalion.Storage.Tests.Blocks;

public sealed class BlockVerifierTests
{
    [Theory]
    [InlineData("blocks/tiny")]
    [InlineData("blocks/small")]
    [InlineData("blocks/many")]
    public async Task FindsNothing_WhenTheBlockIsWhole(string block) =>
        Assert.Empty(await BlockVerifier.VerifyDirectoryAsync(VectorBlocks.Directory(block), CancellationToken.None));

    [Fact]
    public async Task ReportsTheChunk_WhenItsBytesChanged()
    {
        using var copy = Copy("small");
        Patch(copy, "chunks/000001", bytes => bytes[20] ^= 1);
        Assert.Contains(await VerifyAsync(copy), p => p.Kind == BlockProblemKind.Chunk);
    }

    [Fact]
    public async Task ReportsPostings_WhenAListNamesAnotherSeries()
    {
        using var copy = Copy("small");
        Patch(copy, "index", bytes =>
        {
            // The second list, (__name__, rq), follows that of all series; it holds one number, which becomes that of another series.
            var all = (int)BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(bytes.Length - 20));
            all += 3 & -all;
            var at = all + 8 + (int)BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(all));
            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(at + 8), 7);
            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(at + 12), Crc32C.Compute(bytes.AsSpan(at + 4, 8)));
        });
        var problems = await VerifyAsync(copy);
        Assert.Equal([BlockProblemKind.Postings], problems.Select(p => p.Kind));
    }

    [Fact]
    public async Task ReportsTheIndex_WhenItIsCutOrMissing()
    {
        using var copy = Copy("many");
        Patch(copy, "index", bytes => bytes[^1] ^= 1);
        Assert.Equal([BlockProblemKind.Unreadable], (await VerifyAsync(copy)).Select(p => p.Kind));
        File.Delete(Path.Combine(copy.Path, "index"));
        Assert.Equal([BlockProblemKind.Unreadable], (await VerifyAsync(copy)).Select(p => p.Kind));
    }

    [Fact]
    public async Task ReportsMeta_WhenItSaysSomethingElse()
    {
        using var copy = Copy("tiny");
        var path = Path.Combine(copy.Path, "meta.json");
        var meta = BlockMeta.Parse(await File.ReadAllBytesAsync(path));
        await File.WriteAllBytesAsync(path, (meta with { MaxTime = 30000, Stats = meta.Stats with { NumSamples = 4 } }).ToJson());
        Assert.Equal([BlockProblemKind.Meta, BlockProblemKind.Meta], (await VerifyAsync(copy)).Select(p => p.Kind));
    }

    private static ValueTask<IReadOnlyList<BlockProblem>> VerifyAsync(TemporaryDirectory directory) =>
        BlockVerifier.VerifyDirectoryAsync(directory.Path, CancellationToken.None);

    private static TemporaryDirectory Copy(string block)
    {
        var directory = new TemporaryDirectory();
        Directory.CreateDirectory(Path.Combine(directory.Path, "chunks"));
        foreach (var file in new[] { "index", "meta.json", "chunks/000001" })
        {
            File.WriteAllBytes(Path.Combine(directory.Path, file), VectorBlocks.File(block, file));
        }

        return directory;
    }

    private static void Patch(TemporaryDirectory directory, string file, Action<byte[]> patch)
    {
        var path = Path.Combine(directory.Path, file);
        var bytes = File.ReadAllBytes(path);
        patch(bytes);
        File.WriteAllBytes(path, bytes);
    }
}
