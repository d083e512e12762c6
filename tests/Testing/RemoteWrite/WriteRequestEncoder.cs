using System.Text;

namespace Deucalion.Testing.RemoteWrite;

/// <summary>Writes prometheus.WriteRequest messages, independent of the product's reader.</summary>
public sealed class WriteRequestEncoder
{
    private readonly List<byte> _request = [];

    public WriteRequestEncoder Series(IEnumerable<(string Name, string Value)> labels, IEnumerable<(long Time, double Value)> samples, int histograms = 0, int exemplars = 0, byte[]? unknown = null)
    {
        var series = new List<byte>();
        foreach (var (name, value) in labels)
        {
            var label = new List<byte>();
            Bytes(label, 1, Encoding.UTF8.GetBytes(name));
            Bytes(label, 2, Encoding.UTF8.GetBytes(value));
            Bytes(series, 1, [.. label]);
        }

        foreach (var (time, value) in samples)
        {
            var sample = new List<byte>();
            if (BitConverter.DoubleToInt64Bits(value) != 0)
            {
                Tag(sample, 1, 1);
                sample.AddRange(BitConverter.GetBytes(value));
            }

            if (time != 0)
            {
                Tag(sample, 2, 0);
                Varint(sample, (ulong)time);
            }

            Bytes(series, 2, [.. sample]);
        }

        for (var i = 0; i < exemplars; i++)
        {
            Bytes(series, 3, [0x10, 0x05]);
        }

        for (var i = 0; i < histograms; i++)
        {
            Bytes(series, 4, [0x08, 0x05]);
        }

        series.AddRange(unknown ?? []);
        Bytes(_request, 1, [.. series]);
        return this;
    }

    public WriteRequestEncoder Metadata(int type, string family, string help, string unit)
    {
        var metadata = new List<byte>();
        Tag(metadata, 1, 0);
        Varint(metadata, (ulong)type);
        Bytes(metadata, 2, Encoding.UTF8.GetBytes(family));
        Bytes(metadata, 4, Encoding.UTF8.GetBytes(help));
        Bytes(metadata, 5, Encoding.UTF8.GetBytes(unit));
        Bytes(_request, 3, [.. metadata]);
        return this;
    }

    public WriteRequestEncoder Raw(params byte[] bytes)
    {
        _request.AddRange(bytes);
        return this;
    }

    public byte[] ToArray() => [.. _request];

    public byte[] ToSnappy() => IronSnappy.Snappy.Encode(_request.ToArray());

    private static void Bytes(List<byte> target, int field, byte[] content)
    {
        Tag(target, field, 2);
        Varint(target, (ulong)content.Length);
        target.AddRange(content);
    }

    private static void Tag(List<byte> target, int field, int wireType) => Varint(target, (ulong)((field << 3) | wireType));

    private static void Varint(List<byte> target, ulong value)
    {
        while (value >= 0x80)
        {
            target.Add((byte)(value | 0x80));
            value >>= 7;
        }

        target.Add((byte)value);
    }
}
