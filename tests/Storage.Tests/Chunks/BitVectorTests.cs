using System.Globalization;
using System.Text;
using System.Text.Json;
using Deucalion.Common.Samples;
using Deucalion.Storage.Chunks;
using Deucalion.Storage.Chunks.Bits;
using Deucalion.Storage.Chunks.Histograms;
using Deucalion.Storage.Chunks.Xor;
using Xunit;

namespace Deucalion.Storage.Tests.Chunks;

public sealed class BitVectorTests
{
    private delegate void Writing(BitWriter writer, JsonElement vector);

    private delegate void Reading(ref BitReader reader, JsonElement vector);

    [Fact]
    public void MatchesTheReference_WhenCodingSignedNumbers() => Check(
        "varbit_int",
        static (w, v) => w.VarbitInt(long.Parse(v.GetProperty("value").GetString()!, CultureInfo.InvariantCulture)),
        static (ref BitReader r, JsonElement v) =>
            Assert.Equal(v.GetProperty("value").GetString(), r.VarbitInt().ToString(CultureInfo.InvariantCulture)));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void NumbersReadTogetherAreThoseReadAlone_WhenOfAnySize(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 500; round++)
        {
            var writer = new BitWriter();
            var numbers = new long[random.Next(1, 60)];
            var lead = random.Next(1, 8);
            writer.Bits(0, lead);
            for (var i = 0; i < numbers.Length; i++)
            {
                numbers[i] = random.Next(3) == 0 ? 0 : random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(64);
                writer.VarbitInt(numbers[i]);
            }

            var reader = new BitReader(writer.Span);
            reader.Bits(lead);
            var read = new long[numbers.Length];
            reader.VarbitInts(read);
            Assert.Equal(numbers, read);
        }
    }

    [Fact]
    public void MatchesTheReference_WhenCodingUnsignedNumbers() => Check(
        "varbit_uint",
        static (w, v) => w.VarbitUint(ulong.Parse(v.GetProperty("value").GetString()!, CultureInfo.InvariantCulture)),
        static (ref BitReader r, JsonElement v) =>
            Assert.Equal(v.GetProperty("value").GetString(), r.VarbitUint().ToString(CultureInfo.InvariantCulture)));

    [Fact]
    public void MatchesTheReference_WhenCodingCustomBounds() => Check(
        "custom_bound",
        static (w, v) => HistogramLayout.WriteCustomBound(w, ChunkVectors.Double(v.GetProperty("value_bits"))),
        static (ref BitReader r, JsonElement v) =>
            Assert.Equal(ChunkVectors.Double(v.GetProperty("value_bits")), HistogramLayout.ReadCustomBound(ref r)));

    [Fact]
    public void MatchesTheReference_WhenCodingZeroThresholds()
    {
        foreach (var vector in ChunkVectors.Section("zero_threshold").EnumerateArray())
        {
            var writer = new BitWriter();
            HistogramLayout.WriteZeroThreshold(writer, ChunkVectors.Double(vector.GetProperty("value_bits")));
            Assert.Equal(vector.GetProperty("hex").GetString(), Convert.ToHexStringLower(writer.Span));
            var reader = new BitReader(writer.Span);
            Assert.Equal(ChunkVectors.Double(vector.GetProperty("value_bits")), HistogramLayout.ReadZeroThreshold(ref reader));
        }
    }

    [Fact]
    public void MatchesTheReference_WhenDecodingFloatsWithStartTimes()
    {
        foreach (var vector in ChunkVectors.Section("xor2").EnumerateArray())
        {
            var buffer = new SampleBuffer();
            ChunkDecoder.Decode(ChunkEncoding.Xor2, ChunkVectors.Bytes(vector.GetProperty("data_hex")), long.MinValue, long.MaxValue, buffer);
            var samples = vector.GetProperty("samples").EnumerateArray().ToArray();
            Assert.Equal(samples.Select(s => s.GetProperty("t").GetInt64()), buffer.Times.ToArray());
            Assert.Equal(
                samples.Select(s => ChunkVectors.Bits(s.GetProperty("v_bits"))), buffer.Values.ToArray().Select(BitConverter.DoubleToUInt64Bits));
            var starts = samples.Select(s => s.GetProperty("st").GetInt64()).ToArray();
            Assert.Equal(starts, buffer.StartTimes.IsEmpty ? new long[samples.Length] : buffer.StartTimes.ToArray());
        }
    }

    [Fact]
    public void MatchesTheReference_WhenEncodingFloatsWithStartTimes()
    {
        var encoded = 0;
        foreach (var vector in ChunkVectors.Section("xor2").EnumerateArray())
        {
            var expected = vector.GetProperty("data_hex").GetString()!;
            var buffer = new SampleBuffer();
            ChunkDecoder.Decode(ChunkEncoding.Xor2, Convert.FromHexString(expected), long.MinValue, long.MaxValue, buffer);
            if (buffer.Count is 0 or > Xor2Appender.MaxSamples)
            {
                continue;
            }

            // One appender for all, and one that is made of the chunk so far for each sample: both write the same.
            var appender = new Xor2Appender();
            var bits = new BitWriter();
            bits.Bits(0, 16);
            for (var i = 0; i < buffer.Count; i++)
            {
                var start = buffer.StartTimes.IsEmpty ? 0 : buffer.StartTimes[i];
                if (i > 0)
                {
                    appender = Xor2Appender.Resume(bits.Span);
                }

                if (appender.NeedsRecode(start))
                {
                    var chunk = bits.Span.ToArray();
                    bits.Clear();
                    bits.Bits(0, 16);
                    appender.Recode(chunk, bits);
                }

                appender.Append(buffer.Times[i], buffer.Values[i], start, bits);
                bits.Span[1] = (byte)(i + 1);
            }

            Assert.Equal(expected, Convert.ToHexStringLower(bits.Span));
            encoded++;
        }

        Assert.InRange(encoded, 10, 12);
    }

    private static void Check(string section, Writing write, Reading read)
    {
        foreach (var vector in ChunkVectors.Section(section).EnumerateArray())
        {
            for (var shift = 0; shift < 8; shift++)
            {
                var writer = new BitWriter();
                writer.Bits(0, shift);
                write(writer, vector);
                var bits = new StringBuilder();
                foreach (var b in writer.Span)
                {
                    bits.Append(b.ToString("b8", CultureInfo.InvariantCulture));
                }

                var expected = vector.GetProperty("bits").GetString()!;
                Assert.Equal(expected, bits.ToString(shift, expected.Length));
                var reader = new BitReader(writer.Span);
                reader.Bits(shift);
                read(ref reader, vector);
                Assert.InRange(reader.Left, 0, 7);
            }
        }
    }
}
