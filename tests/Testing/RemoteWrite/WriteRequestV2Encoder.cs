using System.Text;

namespace Deucalion.Testing.RemoteWrite;

/// <summary>Writes io.prometheus.write.v2.Request messages, independent of the product's reader.</summary>
public sealed class WriteRequestV2Encoder
{
    private readonly Dictionary<string, ulong> _symbols = new() { [string.Empty] = 0 };
    private readonly List<byte> _series = [];

    /// <summary>Symbols behind the series, numbers one by one: allowed, and done by nobody.</summary>
    public bool IsOdd { get; init; }

    public WriteRequestV2Encoder Series(SentSeries sent)
    {
        var series = new List<byte>();
        References(series, sent.Labels);
        foreach (var sample in sent.Samples)
        {
            var message = new List<byte>();
            ProtobufBytes.Double(message, 1, sample.Value);
            ProtobufBytes.Number(message, 2, (ulong)sample.Time);
            ProtobufBytes.Number(message, 3, (ulong)sample.StartTime);
            ProtobufBytes.Bytes(series, 2, message);
        }

        foreach (var histogram in sent.Histograms)
        {
            ProtobufBytes.Bytes(series, 3, HistogramMessage.Encode(histogram));
        }

        foreach (var exemplar in sent.Exemplars)
        {
            var message = new List<byte>();
            References(message, exemplar.Labels);
            ProtobufBytes.Double(message, 2, exemplar.Value);
            ProtobufBytes.Number(message, 3, (ulong)exemplar.Time);
            ProtobufBytes.Bytes(series, 4, message);
        }

        var metadata = new List<byte>();
        if (sent.Metadata is var (type, help, unit))
        {
            ProtobufBytes.Number(metadata, 1, (ulong)type);
            ProtobufBytes.Number(metadata, 3, Symbol(help));
            ProtobufBytes.Number(metadata, 4, Symbol(unit));
        }

        ProtobufBytes.Bytes(series, 5, metadata);
        if (sent.CreatedTime != 0)
        {
            ProtobufBytes.Number(series, 6, (ulong)sent.CreatedTime);
        }

        return RawSeries([.. series]);
    }

    /// <summary>Adds the content of a series as it is.</summary>
    public WriteRequestV2Encoder RawSeries(params byte[] content)
    {
        ProtobufBytes.Bytes(_series, 5, content);
        return this;
    }

    public byte[] ToArray()
    {
        var symbols = new List<byte>();
        foreach (var (symbol, _) in _symbols.OrderBy(static s => s.Value))
        {
            ProtobufBytes.Bytes(symbols, 4, Encoding.UTF8.GetBytes(symbol));
        }

        return IsOdd ? [.. _series, .. symbols] : [.. symbols, .. _series];
    }

    public byte[] ToSnappy() => IronSnappy.Snappy.Encode(ToArray());

    private void References(List<byte> message, IReadOnlyList<(string Name, string Value)> labels)
    {
        var packed = new List<byte>();
        foreach (var reference in labels.SelectMany(l => new[] { Symbol(l.Name), Symbol(l.Value) }))
        {
            if (IsOdd)
            {
                ProtobufBytes.Number(message, 1, reference);
            }
            else
            {
                ProtobufBytes.Varint(packed, reference);
            }
        }

        if (packed.Count > 0)
        {
            ProtobufBytes.Bytes(message, 1, packed);
        }
    }

    private ulong Symbol(string text)
    {
        if (!_symbols.TryGetValue(text, out var number))
        {
            _symbols.Add(text, number = (ulong)_symbols.Count);
        }

        return number;
    }
}
