using System.Text;
using Deucalion.Common.Contracts;
using Deucalion.Common.Samples;
using Deucalion.Ingester.Push;
using Deucalion.Testing.RemoteWrite;
using Xunit;

namespace Deucalion.Ingester.Tests.Push;

public sealed class RemoteWriteDecoderTests
{
    [Fact]
    public void ReadsBackWhatWasWritten_ForRandomRequests()
    {
        var random = new Random(3);
        using var decoded = new DecodedWrite(10_000);
        var batch = decoded.Batch;
        for (var round = 0; round < 500; round++)
        {
            var expected = RandomSeries(random);
            var encoder = new WriteRequestEncoder();
            foreach (var (labels, samples) in expected)
            {
                encoder.Series(labels, samples, unknown: random.Next(3) == 0 ? [0x30, 0x07, 0x3A, 0x02, 1, 2] : null);
            }

            encoder.Metadata(1, "requests_total", "Requests.", "").Raw(0x25, 1, 2, 3, 4, 0x39, 1, 2, 3, 4, 5, 6, 7, 8, 0x43, 0x08, 0x01, 0x44);
            var bytes = encoder.ToArray();
            Assert.True(RemoteWriteDecoder.TryDecode(bytes, bytes.Length, decoded, out _));
            Assert.Equal(0, decoded.Rejections.Total);
            Assert.Equal(expected.Count, batch.Series.Length);
            for (var s = 0; s < expected.Count; s++)
            {
                var entry = batch.Series[s];
                Assert.Equal(expected[s].Labels, LabelsOf(batch, entry));
                Assert.Equal(expected[s].Samples.Select(x => x.Time), batch.Times.Slice(entry.FirstSample, entry.SampleCount).ToArray());
                Assert.Equal(
                    expected[s].Samples.Select(x => BitConverter.DoubleToInt64Bits(x.Value)),
                    batch.Values.Slice(entry.FirstSample, entry.SampleCount).ToArray().Select(BitConverter.DoubleToInt64Bits));
            }

            var metadata = Assert.Single(batch.Metadata.ToArray());
            Assert.Equal(1, metadata.Type);
            Assert.Equal("requests_total", Text(batch, metadata.FamilyOffset, metadata.FamilyLength));
            Assert.Equal("Requests.", Text(batch, metadata.HelpOffset, metadata.HelpLength));
            Assert.Equal(0, metadata.UnitLength);
        }
    }

    [Theory]
    [InlineData(new byte[] { 0x0A, 0x05, 1 }, "field longer than its message", "WriteRequest", 1)]
    [InlineData(new byte[] { 0x08, 0x05 }, "wrong wire type", "WriteRequest", 1)]
    [InlineData(new byte[] { 0x0A, 0x03, 0x12, 0x01, 0x09 }, "truncated 64-bit value", "Sample", 5)]
    [InlineData(new byte[] { 0x0A, 0x04, 0x12, 0x02, 0x10, 0x80 }, "truncated varint", "Sample", 5)]
    [InlineData(new byte[] { 0x0A, 0x04, 0x0A, 0x02, 0x0A, 0x09 }, "field longer than its message", "Label", 5)]
    [InlineData(new byte[] { 0x00, 0x01 }, "invalid field number", "WriteRequest", 0)]
    [InlineData(new byte[] { 0x44 }, "end of a group that was not started", "WriteRequest", 1)]
    [InlineData(new byte[] { 0x46 }, "unknown wire type", "WriteRequest", 1)]
    [InlineData(new byte[] { 0x1A, 0x02, 0x08, 0xFF }, "truncated varint", "MetricMetadata", 3)]
    [InlineData(new byte[] { 0x0A, 0x04, 0x1A, 0x02, 0x0A, 0x09 }, "field longer than its message", "Exemplar", 5)]
    [InlineData(new byte[] { 0x0A, 0x04, 0x22, 0x02, 0x15, 0x09 }, "wrong wire type", "Histogram", 5)]
    [InlineData(new byte[] { 0x0A, 0x05, 0x22, 0x03, 0x62, 0x01, 0x80 }, "truncated varint", "Histogram", 6)]
    [InlineData(new byte[] { 0x40, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F }, "varint longer than 64 bits", "WriteRequest", 1)]
    public void NamesWhatAndWhere_WhenMalformed(byte[] bytes, string what, string message, int offset)
    {
        using var decoded = new DecodedWrite(10_000);
        Assert.False(RemoteWriteDecoder.TryDecode(bytes, bytes.Length, decoded, out var error));
        Assert.Equal(new RemoteWriteDecodeError(what, message, offset), error);
    }

    [Fact]
    public void AllocatesNothing_OnceTheColumnsHaveGrown()
    {
        var encoder = new WriteRequestEncoder();
        for (var i = 0; i < 2000; i++)
        {
            encoder.Series([("__name__", "metric" + i), ("instance", "host:9100"), ("job", "node")], [(i, i), (i + 1, SpecialValues.StaleNaN)]);
        }

        var bytes = encoder.ToArray();
        using var decoded = new DecodedWrite(10_000);
        var batch = decoded.Batch;
        Assert.True(RemoteWriteDecoder.TryDecode(bytes, bytes.Length, decoded, out _));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.True(RemoteWriteDecoder.TryDecode(bytes, bytes.Length, decoded, out _));
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(4000, batch.SampleCount);
    }

    private static List<(List<(string Name, string Value)> Labels, List<(long Time, double Value)> Samples)> RandomSeries(Random random)
    {
        var result = new List<(List<(string, string)>, List<(long, double)>)>();
        for (var i = random.Next(0, 20); i > 0; i--)
        {
            var labels = Enumerable.Range(0, random.Next(0, 8)).Select(x => ("label" + x, new string('\u00e4', random.Next(0, 100)))).ToList();
            var samples = Enumerable.Range(0, random.Next(0, 5)).Select(_ => (random.NextInt64(long.MinValue, long.MaxValue), random.Next(4) switch
            {
                0 => 0.0,
                1 => SpecialValues.StaleNaN,
                2 => double.NegativeInfinity,
                _ => random.NextDouble(),
            })).ToList();
            result.Add((labels, samples));
        }

        return result;
    }

    private static List<(string, string)> LabelsOf(WriteBatch batch, WriteSeries series)
    {
        var labels = new List<(string, string)>();
        foreach (var label in batch.Labels.Slice(series.FirstLabel, series.LabelCount))
        {
            labels.Add((Text(batch, label.NameOffset, label.NameLength), Text(batch, label.ValueOffset, label.ValueLength)));
        }

        return labels;
    }

    private static string Text(WriteBatch batch, int offset, int length) => Encoding.UTF8.GetString(batch.Text.Slice(offset, length));
}
