using System.Text;
using Deucalion.Common.Samples;
using Deucalion.Ingester.Push;
using Deucalion.Testing.RemoteWrite;
using Xunit;

namespace Deucalion.Ingester.Tests.Push;

/// <summary>What only remote write 2.0 has: symbols, metadata of series, start times.</summary>
public sealed class RemoteWriteV2DecoderTests : IDisposable
{
    private readonly DecodedWrite _decoded = new(10_000);

    public void Dispose() => _decoded.Dispose();

    [Fact]
    public void PrefersASamplesOwnStartTime_AndForgetsOneBehindTheSample()
    {
        Decode(new WriteRequestV2Encoder().Series(new SentSeries(("__name__", "a"))
        {
            Samples = [new(1000, 1, 10), new(1001, 1), new(1002, 1, 5000), new(20, 1)],
            Histograms = [new(1000, new FloatHistogram(), true, 11), new(1001, new FloatHistogram(), true)],
            CreatedTime = 500,
        }));
        Assert.Equal([10, 500, 0, 0], _decoded.Batch.StartTimes.ToArray());
        Assert.Equal([11, 500], _decoded.Batch.Histograms.ToArray().Select(h => h.StartTime));
    }

    [Fact]
    public void ForgetsStartTimesOfARequest_InTheNextOne()
    {
        Decode(new WriteRequestV2Encoder().Series(new SentSeries(("__name__", "a")) { Samples = [new(1000, 1, 10), new(1001, 1, 10)] }));
        Decode(new WriteRequestV2Encoder().Series(new SentSeries(("__name__", "a")) { Samples = [new(1000, 1), new(1001, 1)] }));
        Assert.True(_decoded.Batch.StartTimes.IsEmpty);
        Decode(new WriteRequestV2Encoder().Series(new SentSeries(("__name__", "a")) { Samples = [.. Enumerable.Range(0, 5000).Select(i => new SentSample(1000 + i, 1, i == 7 ? 3 : 0))] }));
        Assert.Equal(Enumerable.Range(0, 5000).Select(i => i == 7 ? 3L : 0), _decoded.Batch.StartTimes.ToArray());
    }

    [Fact]
    public void LeavesOutSeriesWhoseSymbolsAreNotThere_AndKeepsTheRest()
    {
        // Labels 1 = 9; a label name alone; a sample, a histogram and an exemplar each.
        byte[] contents = [0x12, 0x02, 0x10, 0x01, 0x1A, 0x02, 0x78, 0x01, 0x22, 0x02, 0x18, 0x01];
        Decode(new WriteRequestV2Encoder()
            .RawSeries([0x0A, 0x02, 0x01, 0x09, .. contents])
            .Series(new SentSeries(("__name__", "a")) { Samples = [new(1, 1)] })
            .RawSeries([0x0A, 0x03, 0x01, 0x02, 0x01, .. contents]));
        Assert.Equal(1, _decoded.Batch.Series.Length);
        Assert.Equal((4, 2), (_decoded.Rejections.CountOf(RejectReason.InvalidSymbols), _decoded.Rejections.CountOf(ExemplarRejectReason.SeriesInvalid)));
        Assert.Equal(
            "rejected 4 invalid samples (symbol_reference_invalid: 4)\nsymbol_reference_invalid: a series refers to symbol 9 of 3\n"
            + "symbol_reference_invalid: a series has a label name without a value",
            _decoded.Rejections.Message());
    }

    [Fact]
    public void DropsExemplarsWhoseSymbolsAreNotThere()
    {
        Decode(new WriteRequestV2Encoder()
            .Series(new SentSeries(("__name__", "a")) { Samples = [new(1, 1)] })
            .RawSeries(0x0A, 0x02, 0x01, 0x02, 0x22, 0x04, 0x0A, 0x02, 0x01, 0x07, 0x22, 0x03, 0x0A, 0x01, 0x01, 0x22, 0x02, 0x18, 0x01));
        Assert.Equal(2, _decoded.Rejections.CountOf(ExemplarRejectReason.InvalidLabels));
        Assert.Equal((1, 0), (_decoded.Batch.Exemplars.Length, _decoded.Batch.ExemplarLabels.Length));
    }

    [Fact]
    public void RejectsASeriesWithNothingToStore()
    {
        Decode(new WriteRequestV2Encoder().Series(new SentSeries(("__name__", "a"))).Series(new SentSeries(("__name__", "b")) { Exemplars = [new(1, 1)] }));
        Assert.Equal(1, _decoded.Rejections.CountOf(RejectReason.NoSamples));
        Assert.Equal(1, _decoded.Batch.Series.Length);
    }

    [Theory]
    [InlineData(new byte[] { 0x22, 0x01, 0x61 }, "first symbol is not empty", "Request", 2)]
    [InlineData(new byte[] { 0x20, 0x01 }, "wrong wire type", "Request", 1)]
    [InlineData(new byte[] { 0x2A, 0x05, 0x01 }, "field longer than its message", "Request", 1)]
    [InlineData(new byte[] { 0x2A, 0x03, 0x12, 0x01, 0x09 }, "truncated 64-bit value", "Sample", 5)]
    [InlineData(new byte[] { 0x2A, 0x02, 0x0A, 0x09 }, "field longer than its message", "TimeSeries", 3)]
    [InlineData(new byte[] { 0x2A, 0x04, 0x0A, 0x02, 0x01, 0x80 }, "truncated varint", "TimeSeries", 5)]
    [InlineData(new byte[] { 0x2A, 0x08, 0x12, 0x00, 0x1A, 0x04, 0x62, 0x02, 0x01, 0x80 }, "truncated varint", "Histogram", 9)]
    [InlineData(new byte[] { 0x2A, 0x06, 0x12, 0x00, 0x22, 0x02, 0x08, 0x80 }, "truncated varint", "Exemplar", 7)]
    [InlineData(new byte[] { 0x2A, 0x06, 0x12, 0x00, 0x2A, 0x02, 0x1A, 0x01 }, "wrong wire type", "Metadata", 7)]
    public void NamesWhatAndWhere_WhenMalformed(byte[] bytes, string what, string message, int offset)
    {
        Assert.False(RemoteWriteV2Decoder.TryDecode(bytes, bytes.Length, _decoded, out var error));
        Assert.Equal(new RemoteWriteDecodeError(what, message, offset), error);
    }

    [Fact]
    public void FindsNothing_InARequestOfTheOlderVersion()
    {
        var bytes = new WriteRequestEncoder().Series([("__name__", "a")], [(1, 1)]).Metadata(1, "a", "", "").ToArray();
        Assert.True(RemoteWriteV2Decoder.TryDecode(bytes, bytes.Length, _decoded, out _));
        Assert.Equal(0, _decoded.Batch.Series.Length);
    }

    [Fact]
    public void AddsMetadataOfAFamilyOnce_UnderItsOwnName()
    {
        var request = new WriteRequestV2Encoder();
        foreach (var (name, type) in new[]
        {
            ("requests_total", 1), ("requests_total", 1), ("latency_bucket", 3), ("latency_bucket", 3), ("latency_count", 3), ("latency_sum", 3),
            ("size_sum", 5), ("size", 5), ("queue_gsum", 4), ("queue_bucket", 4), ("a_count", 2), ("_sum", 5), ("nothing", 0), ("unknown_type", 9),
        })
        {
            request.Series(new SentSeries(("__name__", name)) { Samples = [new(1, 1)], Metadata = (type, type == 0 ? "" : "Help.", type == 3 ? "seconds" : "") });
        }

        Decode(request);
        var batch = _decoded.Batch;
        string Text(int offset, int length) => Encoding.UTF8.GetString(batch.Text.Slice(offset, length));
        Assert.Equal(
            ["1 requests_total Help. ", "3 latency Help. seconds", "5 size Help. ", "4 queue Help. ", "2 a_count Help. ", "5 _sum Help. "],
            batch.Metadata.ToArray().Select(m => $"{m.Type} {Text(m.FamilyOffset, m.FamilyLength)} {Text(m.HelpOffset, m.HelpLength)} {Text(m.UnitOffset, m.UnitLength)}"));
    }

    private void Decode(WriteRequestV2Encoder request)
    {
        var bytes = request.ToArray();
        Assert.True(RemoteWriteV2Decoder.TryDecode(bytes, bytes.Length, _decoded, out var error), error.ToString());
    }
}
