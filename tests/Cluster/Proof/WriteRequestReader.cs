using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Deucalion.Cluster.Proof;

/// <summary>Reads the write requests that the load sends: labels and samples of remote write 1.0.</summary>
internal static class WriteRequestReader
{
    /// <summary>The samples of the series named by sender and number.</summary>
    public static IEnumerable<(int Sender, int Series, long Time, double Value)> Read(byte[] snappy)
    {
        foreach (var (field, message) in Fields(IronSnappy.Snappy.Decode(snappy)))
        {
            if (field != 1)
            {
                continue;
            }

            var labels = new Dictionary<string, string>();
            var samples = new List<(long, double)>();
            foreach (var (part, bytes) in Fields(message))
            {
                if (part == 1)
                {
                    var texts = Fields(bytes).Select(static f => Encoding.UTF8.GetString(f.Bytes.Span)).ToList();
                    labels[texts[0]] = texts[1];
                }
                else
                {
                    samples.Add(Sample(bytes));
                }
            }

            foreach (var (time, value) in samples)
            {
                yield return (int.Parse(labels["sender"], CultureInfo.InvariantCulture), int.Parse(labels["series"], CultureInfo.InvariantCulture), time, value);
            }
        }
    }

    private static (long Time, double Value) Sample(ReadOnlyMemory<byte> bytes)
    {
        var span = bytes.Span;
        var at = 10;
        return ((long)Varint(span, ref at), BinaryPrimitives.ReadDoubleLittleEndian(span[1..]));
    }

    private static List<(int Field, ReadOnlyMemory<byte> Bytes)> Fields(ReadOnlyMemory<byte> message)
    {
        var fields = new List<(int, ReadOnlyMemory<byte>)>();
        for (var at = 0; at < message.Length;)
        {
            var tag = Varint(message.Span, ref at);
            var length = (int)Varint(message.Span, ref at);
            fields.Add(((int)(tag >> 3), message.Slice(at, length)));
            at += length;
        }

        return fields;
    }

    private static ulong Varint(ReadOnlySpan<byte> span, ref int at)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var next = span[at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }
}
