using Deucalion.Common.Compression;
using Xunit;

namespace Common.Tests.Compression;

public sealed class SnappyDecoderTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(60)]
    [InlineData(61)]
    [InlineData(4096)]
    [InlineData(300_000)]
    public void DecodesWhatAnIndependentEncoderWrote(int length)
    {
        for (var kind = 0; kind < 4; kind++)
        {
            var original = Sample(new Random(length + kind), length, kind);
            var block = IronSnappy.Snappy.Encode(original);
            Assert.Equal(SnappyError.None, SnappyDecoder.ReadLength(block, out var stated, out _));
            Assert.Equal((uint)length, stated);
            foreach (var slack in new[] { 0, 1, SnappyDecoder.Slack })
            {
                var decoded = new byte[length + slack];
                Assert.Equal(SnappyError.None, SnappyDecoder.Decode(block, decoded, length));
                Assert.True(original.AsSpan().SequenceEqual(decoded.AsSpan(0, length)));
            }
        }
    }

    [Fact]
    public void AgreesWithAReferenceDecoder_OnRandomElements()
    {
        var random = new Random(7);
        for (var round = 0; round < 20_000; round++)
        {
            var block = RandomBlock(random);
            var expected = Reference(block);
            Assert.Equal(SnappyError.None, SnappyDecoder.ReadLength(block, out var length, out _));
            var decoded = new byte[length + random.Next(0, 80)];
            var error = SnappyDecoder.Decode(block, decoded, (int)length);
            Assert.Equal(expected is null, error != SnappyError.None);
            if (expected is not null)
            {
                Assert.True(expected.AsSpan().SequenceEqual(decoded.AsSpan(0, (int)length)));
            }
        }
    }

    [Fact]
    public void NeverWritesBehindTheDestination_WhenTheInputIsDamaged()
    {
        var random = new Random(11);
        var original = Sample(random, 5000, 1);
        var clean = IronSnappy.Snappy.Encode(original);
        for (var round = 0; round < 30_000; round++)
        {
            var block = clean.ToArray();
            for (var i = random.Next(1, 6); i > 0; i--)
            {
                block[random.Next(3, block.Length)] = (byte)random.Next(256);
            }

            block = block[..random.Next(3, block.Length + 1)];
            var guarded = new byte[original.Length + 256];
            guarded.AsSpan(original.Length).Fill(0xA5);
            _ = SnappyDecoder.Decode(block, guarded.AsSpan(0, original.Length), original.Length);
            Assert.Equal(-1, guarded.AsSpan(original.Length).IndexOfAnyExcept((byte)0xA5));
        }
    }

    [Theory]
    [InlineData(new byte[] { }, SnappyError.TruncatedLength)]
    [InlineData(new byte[] { 0x80 }, SnappyError.TruncatedLength)]
    [InlineData(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0x7F }, SnappyError.InvalidLength)]
    [InlineData(new byte[] { 4, 0x0C, 1, 2 }, SnappyError.TruncatedInput)]
    [InlineData(new byte[] { 4, 0x01, 0x01 }, SnappyError.InvalidOffset)]
    [InlineData(new byte[] { 4, 0x00, 9, 0x01, 0x00 }, SnappyError.InvalidOffset)]
    [InlineData(new byte[] { 1, 0x04, 1, 2 }, SnappyError.TooMuchOutput)]
    [InlineData(new byte[] { 4, 0x00, 9 }, SnappyError.TooLittleOutput)]
    [InlineData(new byte[] { 4, 0xFC, 0xFF, 0xFF, 0xFF, 0xFF }, SnappyError.TruncatedInput)]
    public void NamesTheDamage(byte[] block, object expected)
    {
        var error = SnappyDecoder.ReadLength(block, out var length, out _);
        error = error == SnappyError.None ? SnappyDecoder.Decode(block, new byte[length + 64], (int)length) : error;
        Assert.Equal(expected, error);
    }

    private static byte[] Sample(Random random, int length, int kind)
    {
        var bytes = new byte[length];
        for (var i = 0; i < length; i++)
        {
            bytes[i] = kind switch
            {
                0 => (byte)random.Next(256),
                1 => (byte)"node_cpu_seconds_total{instance=\"a:9100\"}"[(i + (i / 1000)) % 41],
                2 => 7,
                _ => (byte)random.Next(3),
            };
        }

        return bytes;
    }

    private static byte[] RandomBlock(Random random)
    {
        var body = new List<byte>();
        var produced = 0;
        for (var elements = random.Next(1, 12); elements > 0; elements--)
        {
            var count = random.Next(1, 65);
            switch (random.Next(produced == 0 ? 1 : 4))
            {
                case 0:
                    count = random.Next(1, 100);
                    if (count <= 60)
                    {
                        body.Add((byte)((count - 1) << 2));
                    }
                    else
                    {
                        body.Add(60 << 2);
                        body.Add((byte)(count - 1));
                    }

                    for (var i = 0; i < count; i++)
                    {
                        body.Add((byte)random.Next(256));
                    }

                    break;
                case 1:
                    count = random.Next(4, 12);
                    var near = Offset(random, produced, 2047);
                    body.Add((byte)(1 | ((count - 4) << 2) | ((near >> 8) << 5)));
                    body.Add((byte)near);
                    break;
                case 2:
                    var middle = Offset(random, produced, 65535);
                    body.AddRange([(byte)(2 | ((count - 1) << 2)), (byte)middle, (byte)(middle >> 8)]);
                    break;
                default:
                    var far = Offset(random, produced, int.MaxValue);
                    body.AddRange([(byte)(3 | ((count - 1) << 2)), (byte)far, (byte)(far >> 8), (byte)(far >> 16), (byte)(far >> 24)]);
                    break;
            }

            produced += count;
        }

        produced += random.Next(20) == 0 ? random.Next(-1, 2) : 0;
        var header = new List<byte>();
        for (var rest = (uint)produced; ; rest >>= 7)
        {
            header.Add((byte)(rest < 0x80 ? rest : (rest & 0x7F) | 0x80));
            if (rest < 0x80)
            {
                break;
            }
        }

        return [.. header, .. body];
    }

    private static int Offset(Random random, int produced, int most) =>
        random.Next(30) == 0 ? Math.Min(most, produced + random.Next(0, 3)) : random.Next(1, Math.Min(most, produced) + 1);

    private static byte[]? Reference(byte[] block)
    {
        SnappyDecoder.ReadLength(block, out var length, out var at);
        var output = new List<byte>();
        while (at < block.Length)
        {
            var tag = block[at++];
            int count, offset;
            switch (tag & 3)
            {
                case 0:
                    count = (tag >> 2) + 1;
                    if (count > 60)
                    {
                        count = block[at++] + 1;
                    }

                    output.AddRange(block.AsSpan(at, count));
                    at += count;
                    continue;
                case 1:
                    count = ((tag >> 2) & 7) + 4;
                    offset = ((tag >> 5) << 8) | block[at++];
                    break;
                case 2:
                    count = (tag >> 2) + 1;
                    offset = BitConverter.ToUInt16(block, at);
                    at += 2;
                    break;
                default:
                    count = (tag >> 2) + 1;
                    offset = BitConverter.ToInt32(block, at);
                    at += 4;
                    break;
            }

            if (offset == 0 || offset > output.Count)
            {
                return null;
            }

            for (var i = 0; i < count; i++)
            {
                output.Add(output[^offset]);
            }
        }

        return output.Count == length ? [.. output] : null;
    }
}
