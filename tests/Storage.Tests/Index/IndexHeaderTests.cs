using Deucalion.Common.IO;
using Deucalion.Common.Labels;
using Deucalion.Storage.Blocks;
using Deucalion.Storage.Index;
using Deucalion.Storage.Tests.Blocks;
using Xunit;
using MatchType = Deucalion.Common.Labels.MatchType;

namespace Deucalion.Storage.Tests.Index;

public sealed class IndexHeaderTests
{
    [Fact]
    public async Task WritesTheBytesOfThanos_WhenTheIndexIsTheExampleOfTheFormat()
    {
        var index = VectorBlocks.File("tiny", "index");
        var header = await HeaderAsync(index);
        byte[] expected =
        [
            .. Convert.FromHexString("baaad79201020000000000000070"), .. index[5..0x24], .. index[0x70..], .. Convert.FromHexString("000000000000000e000000000000002d56c8b222"),
        ];
        Assert.Equal(155, header.Length);
        Assert.Equal(expected, header);
    }

    [Theory]
    [InlineData("tiny")]
    [InlineData("small")]
    [InlineData("many")]
    public async Task SelectsAsTheIndexDoes_WhenOpenedThroughItsHeader(string block)
    {
        var bytes = VectorBlocks.File(block, "index");
        var index = new MemoryByteSource(bytes);
        using var source = await IndexHeaderSource.OpenAsync(new MemoryByteSource(await HeaderAsync(bytes)), index, CancellationToken.None);
        var reader = await IndexReader.OpenAsync(source, CancellationToken.None);
        Assert.Equal(0, index.Reads);
        var whole = await IndexReader.OpenAsync(new MemoryByteSource(bytes), CancellationToken.None);
        Assert.Equal(whole.Postings.Names, reader.Postings.Names);
        foreach (var name in whole.Postings.Names)
        {
            LabelMatcher[] matchers = [new(MatchType.Regex, name, ".+")];
            using var expected = await whole.SelectAsync(matchers, CancellationToken.None);
            using var found = await reader.SelectAsync(matchers, CancellationToken.None);
            Assert.Equal(expected.Ids.ToArray(), found.Ids.ToArray());
            Assert.True(found.Count > 0, name);
        }
    }

    [Fact]
    public async Task IsRefused_WhenDamagedOrOfAnotherIndex()
    {
        var small = VectorBlocks.File("small", "index");
        var header = await HeaderAsync(small);
        for (var i = 0; i < header.Length; i++)
        {
            var damaged = header.ToArray();
            damaged[i] ^= 1;
            try
            {
                using var source = await IndexHeaderSource.OpenAsync(new MemoryByteSource(damaged), new MemoryByteSource(small), CancellationToken.None);
                await IndexReader.OpenAsync(source, CancellationToken.None);

                // Neither the end of the postings, which other programs use, nor the padding before the series has a checksum.
                Assert.True(i is >= 5 and < 14 || header[i] == 0, $"byte {i}");
            }
            catch (CorruptBlockException)
            {
                // As it should be.
            }
        }

        for (var length = 0; length < header.Length; length++)
        {
            var cut = new MemoryByteSource(header[..length]);
            await Assert.ThrowsAsync<CorruptBlockException>(() => IndexHeaderSource.OpenAsync(cut, new MemoryByteSource(small), CancellationToken.None).AsTask());
        }

        var other = new MemoryByteSource(VectorBlocks.File("many", "index"));
        await Assert.ThrowsAsync<CorruptBlockException>(() => IndexHeaderSource.OpenAsync(new MemoryByteSource(header), other, CancellationToken.None).AsTask());
    }

    private static async Task<byte[]> HeaderAsync(byte[] index)
    {
        using var directory = new TemporaryDirectory();
        var path = Path.Combine(directory.Path, IndexHeader.FileName);
        await IndexHeader.WriteAsync(new MemoryByteSource(index), new LinuxDisk(), path, CancellationToken.None);
        return await File.ReadAllBytesAsync(path);
    }
}
