using System.Text;
using Deucalion.Common.Contracts;
using Deucalion.Common.Hashing;
using Deucalion.Common.Labels;
using Xunit;

namespace Common.Tests.Hashing;

public sealed class HashingTests
{
    [Theory]
    [InlineData("", 0xEF46DB3751D8E999)]
    [InlineData("a", 0xD24EC4F1A98C6E5B)]
    [InlineData("abc", 0x44BC2CF5AD770999)]
    [InlineData("Nobody inspects the spammish repetition", 0xFBCEA83C8A378BF1)]
    public void XxHash64_EqualsKnownVectors(string text, ulong expected)
    {
        Assert.Equal(expected, XxHash64.Compute(Encoding.ASCII.GetBytes(text)));
    }

    [Fact]
    public void XxHash64_IsTheSame_HoweverTheBytesArrive()
    {
        var random = new Random(1);
        for (var round = 0; round < 500; round++)
        {
            var bytes = new byte[random.Next(300)];
            random.NextBytes(bytes);
            var hash = XxHash64.Create(0);
            for (var offset = 0; offset < bytes.Length;)
            {
                var count = random.Next(Math.Min(70, bytes.Length - offset) + 1);
                hash.Append(bytes.AsSpan(offset, count));
                offset += count;
            }

            Assert.Equal(XxHash64.Compute(bytes), hash.Digest());
        }
    }

    [Theory]
    [InlineData("123456789", 0xE3069283)]
    [InlineData("", 0)]
    public void Crc32C_EqualsKnownVectors(string text, uint expected)
    {
        Assert.Equal(expected, Crc32C.Compute(Encoding.ASCII.GetBytes(text)));
    }

    [Fact]
    public void Crc32C_CanBeContinued()
    {
        var bytes = new byte[101];
        new Random(2).NextBytes(bytes);
        for (var split = 0; split <= bytes.Length; split++)
        {
            Assert.Equal(Crc32C.Compute(bytes), Crc32C.Append(Crc32C.Compute(bytes.AsSpan(0, split)), bytes.AsSpan(split)));
        }
    }

    [Fact]
    public void JumpHash_MovesOnlyIntoTheNewBucket_AndSpreadsEvenly()
    {
        var random = new Random(3);
        var counts = new int[10];
        for (var i = 0; i < 10_000; i++)
        {
            var key = (ulong)random.NextInt64();
            for (var buckets = 1; buckets < 20; buckets++)
            {
                var before = JumpHash.Bucket(key, buckets);
                var after = JumpHash.Bucket(key, buckets + 1);
                Assert.True(after == before || after == buckets);
            }

            counts[JumpHash.Bucket(key, 10)]++;
        }

        Assert.All(counts, static count => Assert.InRange(count, 850, 1150));
    }

    [Fact]
    public void RoutingHash_IsThatOfNamesAndValuesWithSeparators()
    {
        var labels = Labels.Of(("__name__", "up"), ("instance", "h\u00e9:1"));
        byte[] expected = [.. "__name__"u8, 0xFF, .. "up"u8, 0xFF, .. "instance"u8, 0xFF, .. "h\u00e9:1"u8, 0xFF];
        var text = "__name__upinstanceh\u00e9:1"u8;
        WriteLabel[] pieces = [new(0, 8, 8, 2), new(10, 8, 18, 5)];

        Assert.Equal(XxHash64.Compute(expected), RoutingHash.Of(labels));
        Assert.Equal(XxHash64.Compute(expected), RoutingHash.Of(pieces, text));
        Assert.Equal(XxHash64.Compute([]), RoutingHash.Of(Labels.Empty));
    }

    [Fact]
    public void RoutingHash_TakesLabelsOfAnyLength()
    {
        var value = new string('x', 10_000);
        byte[] expected = [.. "n"u8, 0xFF, .. Encoding.UTF8.GetBytes(value), 0xFF];

        Assert.Equal(XxHash64.Compute(expected), RoutingHash.Of(Labels.Of(("n", value))));
        Assert.Equal(XxHash64.Compute(expected), RoutingHash.Of([new WriteLabel(0, 1, 1, 10_000)], Encoding.UTF8.GetBytes("n" + value)));
    }
}
