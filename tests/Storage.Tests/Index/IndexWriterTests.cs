using System.Text;
using Deucalion.Common.IO;
using Deucalion.Storage.Blocks;
using Deucalion.Storage.Index;
using Deucalion.Storage.Tests.Blocks;
using Xunit;

namespace Deucalion.Storage.Tests.Index;

public sealed class IndexWriterTests
{
    [Fact]
    public void WritesTheSameBytes_WhenPostingsAreSpilledAndGrouped()
    {
        using var directory = new TemporaryDirectory();
        var plain = Write(Path.Combine(directory.Path, "plain"), 64, 8 << 20);
        var spilled = Write(Path.Combine(directory.Path, "spilled"), 0, 1000);
        var half = Write(Path.Combine(directory.Path, "half"), 1, 50_000);
        Assert.True(plain.AsSpan().SequenceEqual(spilled));
        Assert.True(plain.AsSpan().SequenceEqual(half));
        Assert.Equal(3, Directory.GetFiles(directory.Path).Length);
    }

    [Fact]
    public void IsRefused_WhenSeriesOrSymbolsAreNotInOrder()
    {
        using var directory = new TemporaryDirectory();
        var path = Path.Combine(directory.Path, "index");
        Assert.Throws<InvalidOperationException>(() => new IndexWriter(new LinuxDisk(), path, Symbols("b", "a")).Dispose());
        File.Delete(path);
        using var writer = new IndexWriter(new LinuxDisk(), path, Symbols("", "a", "b", "c"));
        ReadOnlySpan<ChunkMeta> chunk = [new ChunkMeta(8, 0, 1)];
        writer.Add([1, 2, 2, 1], chunk);
        Assert.Throws<InvalidOperationException>(() => writer.Add([1, 2, 2, 1], [new ChunkMeta(8, 0, 1)]));
        Assert.Throws<InvalidOperationException>(() => writer.Add([1, 2], [new ChunkMeta(8, 0, 1)]));
        Assert.Throws<InvalidOperationException>(() => writer.Add([2, 1, 1, 1], [new ChunkMeta(8, 0, 1)]));
        Assert.Throws<InvalidOperationException>(() => writer.Add([3, 9], [new ChunkMeta(8, 0, 1)]));
        writer.Add([3, 1], chunk);
        Assert.Equal(2, writer.SeriesCount);
    }

    private static byte[] Write(string path, int logPages, int groupSize)
    {
        // More than a page of the log: 5 numbers a series.
        const int Count = 120_000;
        var symbols = Symbols([.. Enumerable.Range(0, 1000).Select(i => $"s{i:D4}")]);
        using (var writer = new IndexWriter(new LinuxDisk(), path, symbols, logPages, groupSize))
        {
            for (var i = 0U; i < Count; i++)
            {
                writer.Add([0, 5, 1, i / 500, 2, i % 500, 3, i % 7], [new ChunkMeta(8 + (i * 10), i, i + 5)]);
            }

            writer.Complete();
        }

        return File.ReadAllBytes(path);
    }

    private static List<ReadOnlyMemory<byte>> Symbols(params string[] symbols) =>
        symbols.Select(s => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(s)).ToList();
}
