using Deucalion.Storage.Blocks;
using Deucalion.Storage.Tombstones;
using Xunit;

namespace Deucalion.Storage.Tests.Tombstones;

public sealed class TombstoneSetTests
{
    private const string Example = "0130ba300102d00fa01f02904e904eac0209d8043e89c898";

    [Fact]
    public void WritesAndReadsTheSameBytes_WhenGivenTheExample()
    {
        var set = TombstoneSet.From(
            [(2, new TimeInterval(5000, 5000)), (300, new TimeInterval(-5, 300)), (2, new TimeInterval(1000, 2000))]);
        Assert.Equal(Example, Convert.ToHexStringLower(set.ToFile()));
        var read = TombstoneSet.Parse(Convert.FromHexString(Example));
        Assert.Equal(3, read.Count);
        Assert.Equal([new TimeInterval(1000, 2000), new TimeInterval(5000, 5000)], read.Of(2).ToArray());
        Assert.True(read.Of(7).IsEmpty);
        Assert.Equal("0130ba300100000000", Convert.ToHexStringLower(TombstoneSet.Empty.ToFile()));
    }

    [Fact]
    public void JoinsRanges_WhenTheyTouchOrOverlap()
    {
        var set = TombstoneSet.From(
            [
                (1, new TimeInterval(10, 20)),
                (1, new TimeInterval(21, 30)),
                (1, new TimeInterval(0, 5)),
                (1, new TimeInterval(25, long.MaxValue)),
                (1, new TimeInterval(40, 50)),
            ]);
        Assert.Equal([new TimeInterval(0, 5), new TimeInterval(10, long.MaxValue)], set.Of(1).ToArray());
    }

    [Fact]
    public void ThrowsTypedErrorOnly_WhenBytesAreDamaged()
    {
        var good = Convert.FromHexString(Example);
        for (var length = 0; length < good.Length; length++)
        {
            Assert.Throws<CorruptBlockException>(() => TombstoneSet.Parse(good.AsSpan(0, length)));
            var flipped = (byte[])good.Clone();
            flipped[length] ^= 0x10;
            Assert.Throws<CorruptBlockException>(() => TombstoneSet.Parse(flipped));
        }
    }
}
