using Deucalion.Common.Contracts;
using Deucalion.Common.Hashing;
using Deucalion.Common.Labels;
using Deucalion.Common.Samples;
using Deucalion.Storage.Head;
using Deucalion.Storage.Head.Records;
using Xunit;

namespace Deucalion.Storage.Tests.Head;

/// <summary>The examples of docs/formats/head-records.md, and the columns on their own.</summary>
public sealed class HeadRecordTests : IDisposable
{
    private readonly HeadHarness _harness = new();

    public void Dispose() => _harness.Dispose();

    [Fact]
    public void WritesTheDocumentedBytes_ForSeries()
    {
        var a = Labels.Of(("job", "a"));
        var b = Labels.Of(("job", "b"));
        _harness.Stage(1000, (a, 1000, 0), (b, 1000, 0));

        var expected = "0102" + "00" + Hash(a) + "01" + "02" + "036a6f62" + "0161" + "00" + Hash(b) + "01" + "01" + "0162";
        Assert.Equal(expected, Convert.ToHexStringLower(Payload(RecordKind.Series)));
    }

    [Fact]
    public void WritesTheDocumentedBytes_ForSamples()
    {
        _harness.Stage(1000, (Id(0), 1000, 0), (Id(1), 1000, 5), (Id(2), 1000, 5.5));
        Assert.Equal("01030304" + "000500" + "a01f0100" + "0049c61640", Convert.ToHexStringLower(Payload(RecordKind.Samples)));
    }

    [Fact]
    public void WritesTheDocumentedBytes_ForSamplesWithStartTimestamps()
    {
        _harness.Stage(1000, [new HeadSample(Id(0), 1000, 5, null, 500), new HeadSample(Id(1), 1000, 5)]);
        Assert.Equal("02020203" + "04" + "0004" + "a01f00" + "d00fce0f" + "4949", Convert.ToHexStringLower(Payload(RecordKind.Samples)));
    }

    [Fact]
    public void WritesTheDocumentedBytes_ForHistograms()
    {
        var histogram = new FloatHistogram
        {
            IsInteger = true,
            CounterResetHint = CounterResetHint.NotCounterReset,
            Schema = 3,
            Sum = 18.5,
            Count = 12,
            ZeroCount = 2,
            PositiveSpans = [new HistogramSpan(1, 2)],
            PositiveBuckets = [4, 6],
        };
        _harness.Stage(1000, [new HeadSample(Id(0), 1000, 0, histogram)]);
        var bytes = "05" + "06" + "0000000000803240" + "0000000000000000" + "0c" + "02" + "01" + "0202" + "0804" + "00" + "00";
        Assert.Equal("0101010201" + "00" + "a01f" + "00" + "1b" + bytes, Convert.ToHexStringLower(Payload(RecordKind.Histograms)));
    }

    [Fact]
    public void WritesTheDocumentedBytes_ForExemplars()
    {
        _harness.Limits = _harness.Limits with { MaxExemplars = 100 };
        _harness.Write((Id(0), 1000, 0));
        _harness.StageExemplars(1000, (Id(0), 1000, 1, "ab"));
        Assert.Equal("01" + "64" + "01" + "00" + "d00f" + "000000000000f03f" + "0c" + "08" + "74726163655f6964" + "02" + "6162",
            Convert.ToHexStringLower(Payload(RecordKind.Exemplars)));
    }

    [Fact]
    public void WritesTheDocumentedBytes_ForMetadataCutAndTruncate()
    {
        _harness.StageMetadata("m", 1, "h", "");
        Assert.Equal("0101" + "01" + "016d" + "0168" + "00", Convert.ToHexStringLower(Payload(RecordKind.Metadata)));
        _harness.Write((Id(0), 1000, 0));
        _harness.Head.StageCut(new DueWindow(0, 1), _harness);
        Assert.Equal("01" + "00" + "01", Convert.ToHexStringLower(Payload(RecordKind.Cut)));
        _harness.CommitAll();
        _harness.Head.StageTruncate(1, "U", 3, _harness);
        Assert.Equal("01" + "01" + "0155" + "06" + "01" + "00", Convert.ToHexStringLower(Payload(RecordKind.Truncate)));
    }

    [Fact]
    public void SpendsAtMostThreeBytes_OnASampleOfAScrape()
    {
        var random = new Random(2);
        var values = new double[1000];
        long bytes = 0;
        var labels = Enumerable.Range(0, values.Length).Select(Id).ToArray();
        for (var scrape = 0; scrape < 20; scrape++)
        {
            var samples = labels.Select((l, i) => (l, scrape * 15_000L, values[i] = Next(i, values[i]))).ToArray();
            _harness.Stage(scrape * 15_000, samples);
            bytes += scrape == 0 ? 0 : Payload(RecordKind.Samples).Length;
            _harness.CommitAll();
        }

        Assert.InRange(bytes / 19.0 / values.Length, 0.5, 3);

        double Next(int i, double value) => (i % 10) switch
        {
            < 5 => i,
            < 8 => value + random.Next(300),
            8 => Math.Round(random.NextDouble(), 2),
            _ => value + random.NextDouble(),
        };
    }

    [Fact]
    public void ReadsBackColumns_OfAnyNumbers()
    {
        var random = new Random(3);
        for (var round = 0; round < 200; round++)
        {
            var record = new SamplesRecord();
            record.Clear();
            var samples = Enumerable.Range(0, random.Next(1, 300)).Select(_ => (Ref: random.Next(3) == 0 ? random.Next() : round,
                Time: random.Next(3) == 0 ? random.NextInt64(-(1L << 53), (1L << 53) + 1) : 7, Previous: Bits(random), Bits: Bits(random))).ToList();
            samples.ForEach(s => record.Add(s.Ref, s.Time, s.Previous, s.Bits));
            var writer = new System.Buffers.ArrayBufferWriter<byte>();
            record.WriteTo(writer);

            var reader = new SamplesRecord.Reader(writer.WrittenSpan);
            Assert.Equal(samples.Count, reader.Count);
            foreach (var sample in samples)
            {
                Assert.Equal((sample.Ref, sample.Time, sample.Bits), (reader.NextRef(), reader.NextTime(), reader.NextValue(sample.Previous)));
            }

            Assert.True(reader.AtEnd);
        }
    }

    private static ulong Bits(Random random) => random.Next(8) switch
    {
        0 => 0,
        1 => 1UL << 63,
        2 => BitConverter.DoubleToUInt64Bits(random.Next(-100, 100)),
        3 => BitConverter.DoubleToUInt64Bits(random.NextInt64(-(1L << 54), 1L << 54)),
        4 => BitConverter.DoubleToUInt64Bits(double.NaN),
        5 => (ulong)random.NextInt64() << random.Next(64),
        6 => (ulong)random.NextInt64(),
        _ => BitConverter.DoubleToUInt64Bits((1L << 53) - random.Next(3)),
    };

    private static Labels Id(int i) => Labels.Of(("id", i.ToString("0000")));

    private static string Hash(Labels labels) => Convert.ToHexStringLower(BitConverter.GetBytes(RoutingHash.Of(labels)));

    private byte[] Payload(RecordKind kind) => _harness.Pending.Last(p => p.Kind == kind).Payload;
}
