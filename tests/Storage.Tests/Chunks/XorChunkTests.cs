using Deucalion.Common.Samples;
using Deucalion.Storage.Chunks;
using Deucalion.Storage.Chunks.Xor;
using Xunit;

namespace Deucalion.Storage.Tests.Chunks;

public sealed class XorChunkTests
{
    public static TheoryData<string> Vectors()
    {
        var data = new TheoryData<string>();
        foreach (var vector in ChunkVectors.Section("xor").EnumerateArray())
        {
            data.Add(vector.GetProperty("name").GetString()!);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Vectors))]
    public void EncodesAndDecodesBitForBit_WhenGivenReferenceVectors(string name)
    {
        var vector = ChunkVectors.Section("xor").EnumerateArray().Single(v => v.GetProperty("name").GetString() == name);
        var expected = ChunkVectors.Bytes(vector.GetProperty("data_hex"));
        var samples = vector.GetProperty("samples").EnumerateArray()
            .Select(s => (Time: s.GetProperty("t").GetInt64(), Value: ChunkVectors.Double(s.GetProperty("v_bits")))).ToArray();

        var appender = default(XorAppender);
        var wide = new byte[expected.Length + 100];
        Array.Fill(wide, (byte)0xa5);
        var exact = new byte[expected.Length];
        var tight = default(XorAppender);
        foreach (var (time, value) in samples)
        {
            Assert.True(appender.TryAppend(wide, time, value));
            Assert.True(tight.TryAppend(exact, time, value));
        }

        Assert.Equal(Convert.ToHexString(expected), Convert.ToHexString(wide.AsSpan(0, appender.Length)));
        Assert.Equal(Convert.ToHexString(expected), Convert.ToHexString(exact));
        var buffer = new SampleBuffer();
        XorChunk.Decode(expected, long.MinValue, long.MaxValue, buffer);
        AssertSame(samples, buffer);
    }

    [Fact]
    public void ReturnsWhatWasAppended_WhenSamplesAreRandom()
    {
        for (var seed = 0; seed < 400; seed++)
        {
            var random = new Random(seed);
            var samples = RandomSamples(random, random.Next(1, 300));
            var chunk = Encode(samples);
            var buffer = new SampleBuffer();
            XorChunk.Decode(chunk, long.MinValue, long.MaxValue, buffer);
            AssertSame(samples, buffer);

            var from = samples[random.Next(samples.Length)].Time + random.Next(-1, 2);
            var to = samples[random.Next(samples.Length)].Time + random.Next(-1, 2);
            buffer.Clear();
            XorChunk.Decode(chunk, from, to, buffer);
            AssertSame(samples.Where(s => s.Time >= from && s.Time <= to).ToArray(), buffer);
        }
    }

    [Fact]
    public void ContinuesWithTheSameBytes_WhenResumedAfterAnySample()
    {
        var samples = RandomSamples(new Random(7), 200);
        var whole = Encode(samples);
        for (var split = 0; split < samples.Length; split++)
        {
            var buffer = new byte[whole.Length];
            var head = Encode(samples.AsSpan(0, split));
            head.CopyTo(buffer, 0);
            var appender = split == 0 ? default : XorChunk.Resume(head);
            Assert.Equal(head.Length, appender.Length);
            foreach (var (time, value) in samples[split..])
            {
                Assert.True(appender.TryAppend(buffer, time, value));
            }

            Assert.Equal(Convert.ToHexString(whole), Convert.ToHexString(buffer));
        }
    }

    [Fact]
    public void ChangesNothing_WhenTheBufferIsFull()
    {
        var samples = RandomSamples(new Random(3), 100);
        var whole = Encode(samples);
        var appender = default(XorAppender);
        var buffer = new byte[whole.Length - 1];
        var taken = 0;
        while (taken < samples.Length && appender.TryAppend(buffer, samples[taken].Time, samples[taken].Value))
        {
            taken++;
        }

        Assert.InRange(taken, 1, samples.Length - 1);
        Assert.Equal(taken, appender.Count);
        Assert.Equal(Convert.ToHexString(Encode(samples.AsSpan(0, taken))), Convert.ToHexString(buffer.AsSpan(0, appender.Length)));
    }

    [Fact]
    public void KeepsEarlierBits_WhenMoreIsAppended()
    {
        var samples = RandomSamples(new Random(11), 60);
        var buffer = new byte[4096];
        var appender = default(XorAppender);
        for (var i = 0; i < samples.Length; i++)
        {
            var before = buffer.AsSpan(0, appender.Length).ToArray();
            Assert.True(appender.TryAppend(buffer, samples[i].Time, samples[i].Value));
            if (i < 1)
            {
                continue;
            }

            // What a reader of the earlier count sees is still the earlier samples.
            var times = new long[i];
            var values = new double[i];
            Assert.Equal(i, XorChunk.Decode(buffer.AsSpan(0, appender.Length), i, long.MinValue, long.MaxValue, times, values));
            Assert.Equal(samples[i - 1].Time, times[^1]);
            Assert.Equal(before[2..^1], buffer.AsSpan(2, before.Length - 3).ToArray());
        }
    }

    [Fact]
    public void ThrowsTypedErrorOnly_WhenBytesAreDamaged()
    {
        var buffer = new SampleBuffer();
        var damaged = 0;
        for (var seed = 0; seed < 4000; seed++)
        {
            var random = new Random(seed);
            var chunk = Encode(RandomSamples(random, random.Next(1, 80)));
            for (var i = random.Next(1, 4); i > 0; i--)
            {
                chunk[random.Next(chunk.Length)] = (byte)random.Next(256);
            }

            chunk = chunk[..random.Next(chunk.Length + 1)];
            buffer.Clear();
            try
            {
                XorChunk.Decode(chunk, random.Next(2) == 0 ? long.MinValue : 1_000_000, long.MaxValue, buffer);
            }
            catch (CorruptChunkException)
            {
                damaged++;
            }
        }

        Assert.True(damaged > 1000);
    }

    [Fact]
    public void ReadsNothingBehindTheChunk_WhenItsBytesAreRandom()
    {
        using var memory = new GuardedMemory(4096);
        var buffer = new SampleBuffer();
        for (var seed = 0; seed < 3000; seed++)
        {
            var random = new Random(seed);
            byte[] bytes;
            if (seed % 3 == 0)
            {
                bytes = new byte[random.Next(200)];
                random.NextBytes(bytes);
                bytes.AsSpan(0, Math.Min(1, bytes.Length)).Clear();
            }
            else
            {
                bytes = Encode(RandomSamples(random, random.Next(1, 60)));
                bytes = bytes[..random.Next(bytes.Length + 1)];
            }

            var chunk = memory.Last(bytes.Length);
            bytes.CopyTo(chunk);
            buffer.Clear();
            try
            {
                XorChunk.Decode(chunk, long.MinValue, long.MaxValue, buffer);
            }
            catch (CorruptChunkException)
            {
                // Most of them are.
            }
        }
    }

    [Fact]
    public void IsEmpty_WhenTheCountIsZero()
    {
        var buffer = new SampleBuffer();
        XorChunk.Decode([0, 0], long.MinValue, long.MaxValue, buffer);
        Assert.Equal(0, buffer.Count);
        Assert.Throws<CorruptChunkException>(() => XorChunk.Decode([0], long.MinValue, long.MaxValue, buffer));
    }

    internal static byte[] Encode(ReadOnlySpan<(long Time, double Value)> samples)
    {
        var appender = default(XorAppender);
        var buffer = new byte[(samples.Length * XorAppender.MaxSampleSize) + 64];
        foreach (var (time, value) in samples)
        {
            Assert.True(appender.TryAppend(buffer, time, value));
        }

        return buffer[..appender.Length];
    }

    internal static (long Time, double Value)[] RandomSamples(Random random, int count)
    {
        var samples = new (long, double)[count];
        var time = random.Next(3) switch { 0 => 0L, 1 => -1_000_000L, _ => 1_700_000_000_000L };
        var style = random.Next(4);
        var value = (double)random.Next(1000);
        for (var i = 0; i < count; i++)
        {
            samples[i] = (time, value);
            time += random.Next(6) switch
            {
                0 => random.Next(1, 30000),
                1 => random.NextInt64(1, 1L << 33),
                2 => random.Next(14990, 15010),
                _ => 15000,
            };
            value = style switch
            {
                0 => value + random.Next(10),
                1 => random.NextDouble(),
                2 => BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue)),
                _ => random.Next(4) == 0 ? SpecialValues.StaleNaN : value,
            };
        }

        return samples;
    }

    private static void AssertSame(ReadOnlySpan<(long Time, double Value)> expected, SampleBuffer actual)
    {
        Assert.Equal(expected.Length, actual.Count);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i].Time, actual.Times[i]);
            Assert.Equal(BitConverter.DoubleToInt64Bits(expected[i].Value), BitConverter.DoubleToInt64Bits(actual.Values[i]));
        }
    }
}
