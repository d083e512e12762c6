using System.Text.Json;
using Deucalion.Common.Samples;
using Deucalion.Storage.Chunks;
using Deucalion.Storage.Chunks.Histograms;
using Xunit;

namespace Deucalion.Storage.Tests.Chunks;

public sealed class HistogramVectorTests
{
    public static TheoryData<string> Vectors()
    {
        var data = new TheoryData<string>();
        foreach (var vector in ChunkVectors.Section("histograms").EnumerateArray())
        {
            data.Add(vector.GetProperty("name").GetString()!);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Vectors))]
    public void DecodesWhatThePeerDecodes_WhenGivenReferenceChunks(string name)
    {
        foreach (var chunk in Vector(name).GetProperty("chunks").EnumerateArray())
        {
            var buffer = new SampleBuffer();
            var encoding = chunk.GetProperty("encoding").GetByte();
            ChunkDecoder.Decode(encoding, ChunkVectors.Bytes(chunk.GetProperty("data_hex")), long.MinValue, long.MaxValue, buffer);
            var expected = chunk.GetProperty("decoded").EnumerateArray().ToArray();
            Assert.Equal(expected.Length, buffer.Histograms.Length);
            for (var i = 0; i < expected.Length; i++)
            {
                var actual = buffer.Histograms[i];
                Assert.Equal(expected[i].GetProperty("t").GetInt64(), actual.Time);
                Assert.Equal(expected[i].TryGetProperty("st", out var start) ? start.GetInt64() : 0, actual.StartTime);
                HistogramAssert.Equal(HistogramJson.Parse(expected[i]), actual.Histogram);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Vectors))]
    public void EncodesBitForBit_WhenGivenTheSamplesOfReferenceChunks(string name)
    {
        var vector = Vector(name);
        var chunks = vector.GetProperty("chunks").EnumerateArray().ToArray();
        var encoding = chunks[0].GetProperty("encoding").GetByte();
        var writer = new HistogramChunkWriter(encoding);
        var written = new List<string>();
        writer.Begin(false);
        foreach (var sample in vector.GetProperty("input").EnumerateArray())
        {
            var time = sample.GetProperty("t").GetInt64();
            var histogram = HistogramJson.Parse(sample);
            var start = sample.TryGetProperty("st", out var st) ? st.GetInt64() : 0;
            var result = writer.Append(time, histogram, start);
            if (result is HistogramAppendResult.NewChunk or HistogramAppendResult.NewChunkAfterReset)
            {
                written.Add(Convert.ToHexStringLower(writer.Chunk));
                writer.Begin(result == HistogramAppendResult.NewChunkAfterReset);
                Assert.Equal(HistogramAppendResult.Added, writer.Append(time, histogram, start));
            }
        }

        written.Add(Convert.ToHexStringLower(writer.Chunk));
        Assert.Equal(chunks.Select(c => c.GetProperty("data_hex").GetString()), written);
    }

    private static JsonElement Vector(string name) =>
        ChunkVectors.Section("histograms").EnumerateArray().Single(v => v.GetProperty("name").GetString() == name);
}
