using Deucalion.Common.Memory;
using Xunit;

namespace Deucalion.Common.Tests.Memory;

public sealed class PooledBytesTests
{
    [Theory]
    [InlineData(20)]
    [InlineData(3000)]
    [InlineData(400_000)]
    public void HoldsAllPieces_WhateverTheirLength(int longest)
    {
        var random = new Random(longest);
        var bytes = new PooledBytes();
        var pieces = new List<(BytePlace Place, byte[] Content)>();
        for (var total = 0; total < 1_000_000; total += 1 + pieces[^1].Content.Length)
        {
            var content = new byte[random.Next(longest + 1)];
            random.NextBytes(content);
            pieces.Add((bytes.Add(content), content));
        }

        Assert.All(pieces, piece => Assert.Equal(piece.Content, bytes.At(piece.Place, piece.Content.Length).ToArray()));
        bytes.Release();
        Assert.Equal(0, bytes.Bytes);
    }
}
