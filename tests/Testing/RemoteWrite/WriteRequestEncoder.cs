using System.Text;

namespace Deucalion.Testing.RemoteWrite;

/// <summary>Writes prometheus.WriteRequest messages, independent of the product's reader.</summary>
public sealed class WriteRequestEncoder
{
    private readonly List<byte> _request = [];

    public WriteRequestEncoder Series(IEnumerable<(string Name, string Value)> labels, IEnumerable<(long Time, double Value)> samples, byte[]? unknown = null)
    {
        var series = new List<byte>();
        Labels(series, labels);

        foreach (var (time, value) in samples)
        {
            var sample = new List<byte>();
            if (BitConverter.DoubleToInt64Bits(value) != 0)
            {
                ProtobufBytes.Tag(sample, 1, 1);
                sample.AddRange(BitConverter.GetBytes(value));
            }

            if (time != 0)
            {
                ProtobufBytes.Tag(sample, 2, 0);
                ProtobufBytes.Varint(sample, (ulong)time);
            }

            ProtobufBytes.Bytes(series, 2, [.. sample]);
        }

        series.AddRange(unknown ?? []);
        ProtobufBytes.Bytes(_request, 1, [.. series]);
        return this;
    }

    public WriteRequestEncoder Series(SentSeries sent)
    {
        var rest = new List<byte>();
        foreach (var exemplar in sent.Exemplars)
        {
            var message = new List<byte>();
            Labels(message, exemplar.Labels);
            ProtobufBytes.Double(message, 2, exemplar.Value);
            ProtobufBytes.Number(message, 3, (ulong)exemplar.Time);
            ProtobufBytes.Bytes(rest, 3, message);
        }

        foreach (var histogram in sent.Histograms)
        {
            ProtobufBytes.Bytes(rest, 4, HistogramMessage.Encode(histogram));
        }

        return Series(sent.Labels, sent.Samples.Select(static s => (s.Time, s.Value)), unknown: [.. rest]);
    }

    public WriteRequestEncoder Metadata(int type, string family, string help, string unit)
    {
        var metadata = new List<byte>();
        ProtobufBytes.Tag(metadata, 1, 0);
        ProtobufBytes.Varint(metadata, (ulong)type);
        ProtobufBytes.Bytes(metadata, 2, Encoding.UTF8.GetBytes(family));
        ProtobufBytes.Bytes(metadata, 4, Encoding.UTF8.GetBytes(help));
        ProtobufBytes.Bytes(metadata, 5, Encoding.UTF8.GetBytes(unit));
        ProtobufBytes.Bytes(_request, 3, [.. metadata]);
        return this;
    }

    public WriteRequestEncoder Raw(params byte[] bytes)
    {
        _request.AddRange(bytes);
        return this;
    }

    public byte[] ToArray() => [.. _request];

    public byte[] ToSnappy() => IronSnappy.Snappy.Encode(_request.ToArray());

    private static void Labels(List<byte> message, IEnumerable<(string Name, string Value)> labels)
    {
        foreach (var (name, value) in labels)
        {
            var label = new List<byte>();
            ProtobufBytes.Bytes(label, 1, Encoding.UTF8.GetBytes(name));
            ProtobufBytes.Bytes(label, 2, Encoding.UTF8.GetBytes(value));
            ProtobufBytes.Bytes(message, 1, label);
        }
    }
}
