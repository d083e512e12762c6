using System.Globalization;
using System.Text;
using Deucalion.Common.Samples;
using Deucalion.Common.Samples.Histograms;
using Deucalion.Ingester.Push;
using Deucalion.Testing.RemoteWrite;
using Xunit;

namespace Deucalion.Ingester.Tests.Push;

/// <summary>Floats, histograms, exemplars and metadata through both versions of the protocol.</summary>
public sealed class RemoteWriteKindsTests : IDisposable
{
    private readonly DecodedWrite _decoded = new(100);

    public enum Protocol
    {
        V1,
        V2,
        OddV2,
    }

    public void Dispose() => _decoded.Dispose();

    [Theory]
    [InlineData(Protocol.V1)]
    [InlineData(Protocol.V2)]
    [InlineData(Protocol.OddV2)]
    public void ReadsBackWhatWasWritten_ForRandomSeries(Protocol protocol)
    {
        var random = new Random(7);
        for (var round = 0; round < 200; round++)
        {
            var sent = Enumerable.Range(0, random.Next(1, 10)).Select(_ => RandomSeries(random, protocol)).ToList();
            Assert.True(TryDecode(Encode(protocol, [.. sent]), protocol));
            Assert.Equal(0, _decoded.Rejections.Total + _decoded.Rejections.TotalExemplars);
            Assert.Equal(sent.Select(s => Text(s, protocol)), Texts());
        }
    }

    [Theory]
    [InlineData(Protocol.V1)]
    [InlineData(Protocol.V2)]
    public void SortsLabelsOfExemplars_AndDropsEmptyOnes(Protocol protocol)
    {
        var series = new SentSeries(("__name__", "a")) { Exemplars = [new(1, 2, ("trace_id", "x"), ("empty", ""), ("span_id", "y"))] };
        Assert.True(TryDecode(Encode(protocol, series), protocol));
        Assert.Equal(["__name__=a|1:2{span_id=y,trace_id=x}"], Texts());
    }

    [Theory]
    [InlineData(Protocol.V1)]
    [InlineData(Protocol.V2)]
    public void DropsExemplarsByReason_WithoutRejectingAnything(Protocol protocol)
    {
        var series = new SentSeries(("__name__", "a"))
        {
            Exemplars =
            [
                new(1, 1, ("trace_id", new string('\u00e4', 120))),
                new(2, 1, ("trace_id", new string('\u00e4', 121))),
                new(3, 1, ("a", "1"), ("b", "2"), ("a", "3")),
                new(4, 1, ("", "x")),
                new(5, 1),
            ],
        };
        Assert.True(TryDecode(Encode(protocol, series), protocol));
        Assert.Equal([1, 5], _decoded.Batch.Exemplars.ToArray().Select(e => e.Time));
        Assert.Equal(1, _decoded.Rejections.CountOf(ExemplarRejectReason.LabelsTooLong));
        Assert.Equal(2, _decoded.Rejections.CountOf(ExemplarRejectReason.InvalidLabels));
        Assert.Equal((0, string.Empty), (_decoded.Rejections.Total, _decoded.Rejections.Message()));
    }

    [Theory]
    [InlineData(Protocol.V1)]
    [InlineData(Protocol.V2)]
    public void LeavesOutInvalidHistograms_AndNamesThem(Protocol protocol)
    {
        var good = new FloatHistogram { Count = 1, PositiveSpans = [new(0, 1)], PositiveBuckets = [1] };
        var bad = new FloatHistogram { Count = 1, PositiveSpans = [new(0, 2)], PositiveBuckets = [1] };
        var series = new SentSeries(("__name__", "a")) { Samples = [new(1, 1)], Histograms = [new(2, good, true), new(3, bad, true), new(4, good, false)] };
        Assert.True(TryDecode(Encode(protocol, series), protocol));
        Assert.Equal([2, 4], _decoded.Batch.Histograms.ToArray().Select(h => h.Time));
        Assert.Equal((1, 2), (_decoded.Batch.Series[0].SampleCount, _decoded.Batch.Series[0].HistogramCount));
        Assert.Equal(1, _decoded.Rejections.CountOf(RejectReason.InvalidHistogram));
        Assert.EndsWith("\nnative_histogram_invalid: positive side: spans need 2 buckets, have 1: histogram at 3 ms of series {__name__=\"a\"}", _decoded.Rejections.Message(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Protocol.V1)]
    [InlineData(Protocol.V2)]
    public void AllocatesNothing_OnceEverythingHasGrown(Protocol protocol)
    {
        var random = new Random(1);
        var bytes = Encode(protocol, [.. Enumerable.Range(0, 500).Select(_ => RandomSeries(random, protocol))]);
        Assert.True(TryDecode(bytes, protocol, out _));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.True(TryDecode(bytes, protocol, out _));
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Theory]
    [InlineData(Protocol.V1)]
    [InlineData(Protocol.V2)]
    [InlineData(Protocol.OddV2)]
    public void StaysWithinTheBuffer_WhenBytesAreRandomOrDamaged(Protocol protocol)
    {
        var random = new Random(5);
        var taken = 0;
        for (var round = 0; round < 20_000; round++)
        {
            byte[] bytes;
            if (round % 4 == 0)
            {
                bytes = new byte[random.Next(0, 200)];
                random.NextBytes(bytes);
            }
            else
            {
                bytes = Encode(protocol, RandomSeries(random, protocol), RandomSeries(random, protocol));
                for (var i = random.Next(1, 6); i > 0; i--)
                {
                    bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                }

                bytes = random.Next(4) == 0 ? bytes[..random.Next(bytes.Length)] : bytes;
            }

            if (TryDecode(bytes, protocol))
            {
                taken++;
                Assert.Equal(_decoded.Batch.Series.Length, Texts().Count);
            }
        }

        Assert.InRange(taken, 1000, 19_000);
    }

    private static byte[] Encode(Protocol protocol, params SentSeries[] series)
    {
        if (protocol == Protocol.V1)
        {
            var v1 = new WriteRequestEncoder();
            foreach (var one in series)
            {
                v1.Series(one);
            }

            return v1.ToArray();
        }

        var v2 = new WriteRequestV2Encoder { IsOdd = protocol == Protocol.OddV2 };
        foreach (var one in series)
        {
            v2.Series(one);
        }

        return v2.ToArray();
    }

    private bool TryDecode(byte[] bytes, Protocol protocol)
    {
        var done = TryDecode(bytes, protocol, out var error);
        Assert.Equal(done, error == default);
        return done;
    }

    private bool TryDecode(byte[] bytes, Protocol protocol, out RemoteWriteDecodeError error) => protocol == Protocol.V1
        ? RemoteWriteDecoder.TryDecode(bytes, bytes.Length, _decoded, out error)
        : RemoteWriteV2Decoder.TryDecode(bytes, bytes.Length, _decoded, out error);

    private static SentSeries RandomSeries(Random random, Protocol protocol)
    {
        var starts = protocol != Protocol.V1;
        var created = starts && random.Next(3) == 0 ? 77 : 0;
        return new SentSeries([("__name__", "m" + random.Next(5)), ("job", random.Next(3) == 0 ? "\u00e4" : "node"), ("instance", new string('x', random.Next(1, 30)))])
        {
            Samples = [.. Enumerable.Range(0, random.Next(1, 4)).Select(i => new SentSample(1000 + i, random.NextDouble(), starts ? random.Next(3) * 100 : 0))],
            Histograms = [.. Enumerable.Range(0, random.Next(0, 4)).Select(i => new SentHistogram(1000 + i, RandomHistogram(random), i % 2 == 0, starts ? random.Next(3) * 100 : 0))],
            Exemplars = [.. Enumerable.Range(0, random.Next(0, 3)).Select(i => new SentExemplar(1000 + i, random.NextDouble(), [("trace_id", "t" + i)]))],
            CreatedTime = created,
        };
    }

    private static FloatHistogram RandomHistogram(Random random)
    {
        var custom = random.Next(3) == 0;
        var counts = Enumerable.Range(0, random.Next(0, 20)).Select(_ => (double)random.Next(1000)).ToArray();
        var negative = custom ? [] : Enumerable.Range(0, random.Next(0, 5)).Select(_ => (double)random.Next(1000)).ToArray();
        var zero = custom ? 0 : random.Next(10);
        return new FloatHistogram
        {
            Schema = custom ? FloatHistogram.CustomBucketsSchema : random.Next(-4, 9),
            CounterResetHint = (CounterResetHint)random.Next(4),
            Sum = random.NextDouble() * 1e6,
            Count = counts.Sum() + negative.Sum() + zero,
            ZeroCount = zero,
            ZeroThreshold = custom ? 0 : random.NextDouble(),
            PositiveSpans = counts.Length < 2 ? [new(custom ? 0 : -5, (uint)counts.Length)] : [new(custom ? 1 : -9, 1), new(2, (uint)counts.Length - 1)],
            PositiveBuckets = counts,
            NegativeSpans = negative.Length == 0 ? [] : [new(3, (uint)negative.Length)],
            NegativeBuckets = negative,
            CustomValues = custom ? [.. Enumerable.Range(0, counts.Length + 3).Select(i => i * 1.5)] : [],
        };
    }

    private static string Text(SentSeries sent, Protocol protocol)
    {
        long Start(long own) => protocol == Protocol.V1 ? 0 : own != 0 ? own : sent.CreatedTime;
        return Line(
            sent.Labels.Select(l => $"{l.Name}={l.Value}"),
            sent.Samples.Select(s => Float(s.Time, Start(s.StartTime), s.Value)),
            sent.Histograms.Select(h => Histogram(h.Time, Start(h.StartTime), h.Value, h.IsInteger)),
            sent.Exemplars.Select(e => Exemplar(e.Time, e.Value, e.Labels.Select(l => $"{l.Name}={l.Value}"))));
    }

    private List<string> Texts()
    {
        var batch = _decoded.Batch;
        var histogram = new FloatHistogram();
        var lines = new List<string>();
        for (var s = 0; s < batch.Series.Length; s++)
        {
            var series = batch.Series[s];
            var (floats, histograms, exemplars) = (new List<string>(), new List<string>(), new List<string>());
            for (var i = series.FirstSample; i < series.FirstSample + series.SampleCount; i++)
            {
                floats.Add(Float(batch.Times[i], batch.StartTimes.IsEmpty ? 0 : batch.StartTimes[i], batch.Values[i]));
            }

            foreach (var sample in batch.Histograms.Slice(series.FirstHistogram, series.HistogramCount))
            {
                Assert.True(HistogramBytes.TryRead(batch.HistogramBytes(sample), histogram));
                histograms.Add(Histogram(sample.Time, sample.StartTime, histogram, histogram.IsInteger));
            }

            foreach (var exemplar in batch.Exemplars.Slice(series.FirstExemplar, series.ExemplarCount))
            {
                exemplars.Add(Exemplar(exemplar.Time, exemplar.Value, LabelsOf(exemplar.FirstLabel, exemplar.LabelCount, batch.ExemplarLabels)));
            }

            lines.Add(Line(LabelsOf(series.FirstLabel, series.LabelCount, batch.Labels), floats, histograms, exemplars));
        }

        return lines;
    }

    private List<string> LabelsOf(int first, int count, ReadOnlySpan<Common.Contracts.WriteLabel> all)
    {
        var text = _decoded.Batch.Text;
        var labels = new List<string>();
        foreach (var label in all.Slice(first, count))
        {
            labels.Add(Encoding.UTF8.GetString(text.Slice(label.NameOffset, label.NameLength)) + "=" + Encoding.UTF8.GetString(text.Slice(label.ValueOffset, label.ValueLength)));
        }

        return labels;
    }

    private static string Line(IEnumerable<string> labels, params IEnumerable<string>[] contents) =>
        string.Join('|', [string.Join(',', labels), .. contents.SelectMany(static c => c)]);

    private static string Float(long time, long start, double value) => string.Create(CultureInfo.InvariantCulture, $"{time}@{start}={value:R}");

    private static string Histogram(long time, long start, FloatHistogram value, bool integer) => string.Create(
        CultureInfo.InvariantCulture, $"{time}@{start}={(integer ? "i" : "f")}{value.CounterResetHint} {value.Schema} {value.Sum:R} {HistogramText.Of(value)} {string.Join(';', value.PositiveSpans)}");

    private static string Exemplar(long time, double value, IEnumerable<string> labels) =>
        string.Create(CultureInfo.InvariantCulture, $"{time}:{value:R}{{{string.Join(',', labels)}}}");
}
