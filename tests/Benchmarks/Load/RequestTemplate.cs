using System.Buffers.Binary;

namespace Deucalion.Benchmarks.Load;

/// <summary>A write request for a fixed run of series, laid out once: for each step only times and values are patched in before it is compressed.</summary>
internal sealed class RequestTemplate
{
    private const int TimeLength = 6;

    private readonly int _first;
    private readonly byte[] _request;
    private readonly int[] _valueAt;

    public RequestTemplate(Fleet fleet, int first, int count)
    {
        _first = first;
        _valueAt = new int[count];
        var bytes = new List<byte>();
        for (var i = 0; i < count; i++)
        {
            var labels = fleet.EncodedLabels(first + i);
            const int Sample = 1 + 8 + 1 + TimeLength;
            bytes.Add(0x0A);
            var length = labels.Length + 2 + Sample;
            bytes.AddRange([(byte)(length | 0x80), (byte)(length >> 7)]);
            bytes.AddRange(labels);
            bytes.AddRange([0x12, Sample, 0x09]);
            _valueAt[i] = bytes.Count;
            bytes.AddRange(new byte[8]);
            bytes.Add(0x10);
            bytes.AddRange(new byte[TimeLength]);
        }

        _request = [.. bytes];
    }

    public int Count => _valueAt.Length;

    /// <summary>The compressed request of one step.</summary>
    public byte[] Encode(Fleet fleet, int step, long time)
    {
        Span<byte> encoded = stackalloc byte[TimeLength];
        var rest = (ulong)time;
        for (var i = 0; i < TimeLength; i++, rest >>= 7)
        {
            encoded[i] = (byte)(rest | (i < TimeLength - 1 ? 0x80u : 0u));
        }

        for (var i = 0; i < _valueAt.Length; i++)
        {
            BinaryPrimitives.WriteDoubleLittleEndian(_request.AsSpan(_valueAt[i]), fleet.Next(_first + i, step));
            encoded.CopyTo(_request.AsSpan(_valueAt[i] + 9));
        }

        return IronSnappy.Snappy.Encode(_request);
    }
}
