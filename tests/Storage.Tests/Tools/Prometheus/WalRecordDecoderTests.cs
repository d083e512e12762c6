using Deucalion.Common.Samples;
using Deucalion.Common.Samples.Histograms;
using Deucalion.Storage.Blocks;
using Deucalion.Storage.Tests.Head;
using Deucalion.Storage.Tools.Prometheus;
using Xunit;

namespace Deucalion.Storage.Tests.Tools.Prometheus;

public sealed class WalRecordDecoderTests
{
    internal static readonly FloatHistogram Integer = new()
    {
        IsInteger = true,
        CounterResetHint = CounterResetHint.NotCounterReset,
        Schema = 2,
        ZeroThreshold = 0.001,
        ZeroCount = 3,
        Count = 300,
        Sum = -1.5,
        PositiveSpans = [new(-3, 2), new(4, 1)],
        PositiveBuckets = [200, 1, 90],
        NegativeSpans = [new(0, 1)],
        NegativeBuckets = [6],
    };

    internal static readonly FloatHistogram Float = new()
    {
        CounterResetHint = CounterResetHint.Gauge,
        Schema = -1,
        ZeroCount = 0.25,
        Count = 7.75,
        Sum = 12,
        PositiveSpans = [new(1, 3)],
        PositiveBuckets = [1.5, 2, 4],
    };

    internal static readonly FloatHistogram Custom = new()
    {
        IsInteger = true,
        Schema = FloatHistogram.CustomBucketsSchema,
        Count = 9,
        Sum = 4,
        PositiveSpans = [new(0, 3)],
        PositiveBuckets = [2, 3, 4],
        CustomValues = [0.5, 1],
    };

    // The worked examples of the format's description.
    [Theory]
    [InlineData("01000000000000000102085f5f6e616d655f5f027570036a6f620161", "series 1 {__name__=\"up\", job=\"a\"}")]
    [InlineData("02000000000000000100000000000003e800003ff0000000000000021e4000000000000000", "float 1 1000 0 1|float 2 1015 0 2")]
    [InlineData("02", "")]
    [InlineData("ff010203", "skipped UnknownRecord")]
    public void ReadsRecords_WhenTheyAreTheExamples(string hex, string lines) => Assert.Equal(lines, string.Join('|', Decode(Convert.FromHexString(hex))));

    [Fact]
    public void ReadsSamplesWithStartTimes()
    {
        var record = new WalRecord(11).Varint(5).Varint(1000).Varint(900).Double(1)
            .Varint(-2).Varint(15).Byte(1).Double(2)
            .Varint(4).Varint(-15).Byte(0).Double(3)
            .Varint(0).Varint(30).Byte(2).Varint(100).Double(4)
            .Varint(0).Varint(45).Byte(1).Double(5);
        Assert.Equal(["float 5 1000 900 1", "float 3 1015 900 2", "float 7 985 0 3", "float 7 1030 1000 4", "float 7 1045 1000 5"], Decode(record.ToArray()));
    }

    [Fact]
    public void ReadsHistogramsOfEveryKind()
    {
        var expected = $"{HeadSample.KeyOf(Integer)} hint NotCounterReset";
        Assert.Equal([$"histogram 3 1000 0 {expected}", $"histogram 9 1015 0 {expected}"], Decode(WalRecord.Histograms(7, (3, 1000, Integer), (9, 1015, Integer))));
        Assert.Equal([$"histogram 3 1000 0 {HeadSample.KeyOf(Float)} hint Gauge"], Decode(WalRecord.Histograms(8, (3, 1000, Float))));
        Assert.Equal([$"histogram 3 1000 0 {HeadSample.KeyOf(Custom)} hint Unknown"], Decode(WalRecord.Histograms(9, (3, 1000, Custom))));
        var custom = Custom.ShallowCopy();
        custom.IsInteger = false;
        Assert.Equal([$"histogram 3 1000 0 {HeadSample.KeyOf(custom)} hint Unknown"], Decode(WalRecord.Histograms(10, (3, 1000, custom))));
        var started = new WalRecord(12).Varint(5).Varint(1000).Varint(900).Histogram(Integer).Varint(1).Varint(15).Byte(1).Histogram(Custom);
        Assert.Equal([$"histogram 5 1000 900 {expected}", $"histogram 6 1015 900 {HeadSample.KeyOf(Custom)} hint Unknown"], Decode(started.ToArray()));
        Assert.Equal([$"histogram 5 1000 7 {HeadSample.KeyOf(Float)} hint Gauge"], Decode(new WalRecord(13).Varint(5).Varint(1000).Varint(7).Histogram(Float).ToArray()));
    }

    [Fact]
    public void CountsWhatIsNotKept()
    {
        Assert.Equal(["deleted 7 -5 1000"], Decode(WalRecord.Tombstone(7, -5, 1000)));
        var exemplars = new WalRecord(4).Number(1).Number(1000).Varint(0).Varint(0).Double(2).Uvarint(1).Text("trace").Text("x").Varint(1).Varint(2).Double(3).Uvarint(0);
        Assert.Equal(["skipped Exemplar", "skipped Exemplar"], Decode(exemplars.ToArray()));
        Assert.Equal(["skipped Metadata"], Decode(new WalRecord(6).Uvarint(1).Byte(1).Uvarint(2).Text("UNIT").Text("s").Text("HELP").Text("me").ToArray()));
        Assert.Equal(["skipped ChunkMarker"], Decode(new WalRecord(5).Number(1).Number(2).ToArray()));
        var strange = Float.ShallowCopy();
        strange.Schema = -9;
        Assert.Equal(["skipped UnknownSchema", $"histogram 2 5 0 {HeadSample.KeyOf(Float)} hint Gauge"], Decode(WalRecord.Histograms(8, (1, 5, strange), (2, 5, Float))));
    }

    [Fact]
    public void SaysSo_WhenARecordIsCutShortAnywhere()
    {
        foreach (var record in new[] { WalRecord.Series((1, ["a", "b"])), WalRecord.Samples((1, 2, 3)), WalRecord.Histograms(7, (1, 2, Integer)), WalRecord.Histograms(10, (1, 2, Float)), WalRecord.Tombstone(1, 2, 3) })
        {
            for (var length = 2; length < record.Length; length++)
            {
                // First number and time alone are a record without samples.
                if (length != 17 || record[0] is 1 or 3)
                {
                    Assert.Throws<CorruptBlockException>(() => Decode(record[..length]));
                }
            }
        }
    }

    private static List<string> Decode(byte[] record)
    {
        var sink = new RecordingSink();
        new WalRecordDecoder(sink).Decode(record);
        return sink.Lines;
    }
}
