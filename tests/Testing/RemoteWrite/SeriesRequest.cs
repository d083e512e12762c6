using System.Buffers;
using System.Globalization;
using System.Text;

namespace Deucalion.Testing.RemoteWrite;

/// <summary>
/// Write requests of many series with the labels of a usual target, one sample each, encoded fast enough for millions of series. One instance is
/// reused by one sender.
/// </summary>
public sealed class SeriesRequest
{
    private readonly ArrayBufferWriter<byte> _request = new(1 << 20);
    private readonly ArrayBufferWriter<byte> _series = new(1024);

    /// <summary>Forgets the series.</summary>
    public void Clear() => _request.ResetWrittenCount();

    /// <summary>Adds the series of a number: ten labels.</summary>
    public void Add(long number, long time, double value)
    {
        _series.ResetWrittenCount();
        Label("__name__", "app_requests_total");
        Label("cluster", "prod-eu-west-1");
        Label("container", "checkout");
        Label("handler", "/api/v1/orders/" + (number % 20).ToString(CultureInfo.InvariantCulture));
        Label("id", number.ToString(CultureInfo.InvariantCulture));
        Label("instance", "10.0.0." + (number / 500 % 250).ToString(CultureInfo.InvariantCulture) + ":8080");
        Label("job", "checkout-web");
        Label("method", (number & 1) == 0 ? "GET" : "POST");
        Label("namespace", "team-" + (number % 8).ToString(CultureInfo.InvariantCulture));
        Label("pod", "checkout-7d9f8b6c5d-" + (number / 500).ToString("x5", CultureInfo.InvariantCulture));

        Span<byte> sample = stackalloc byte[24];
        sample[0] = 0x09;
        BitConverter.TryWriteBytes(sample[1..], value);
        sample[9] = 0x10;
        var length = 10 + Varint(sample[10..], (ulong)time);
        Write(_series, 0x12, sample[..length]);
        Write(_request, 0x0A, _series.WrittenSpan);
    }

    /// <summary>The request as it is sent.</summary>
    public byte[] ToSnappy() => IronSnappy.Snappy.Encode(_request.WrittenSpan.ToArray());

    private static int Varint(Span<byte> target, ulong value)
    {
        var i = 0;
        for (; value >= 0x80; value >>= 7)
        {
            target[i++] = (byte)(value | 0x80);
        }

        target[i++] = (byte)value;
        return i;
    }

    private static void Write(ArrayBufferWriter<byte> target, byte tag, ReadOnlySpan<byte> bytes)
    {
        var span = target.GetSpan(bytes.Length + 11);
        span[0] = tag;
        var at = 1 + Varint(span[1..], (ulong)bytes.Length);
        bytes.CopyTo(span[at..]);
        target.Advance(at + bytes.Length);
    }

    private void Label(string name, string value)
    {
        Span<byte> label = stackalloc byte[128];
        label[0] = 0x0A;
        label[1] = (byte)name.Length;
        var at = 2 + Encoding.UTF8.GetBytes(name, label[2..]);
        label[at] = 0x12;
        label[at + 1] = (byte)value.Length;
        at += 2 + Encoding.UTF8.GetBytes(value, label[(at + 2)..]);
        Write(_series, 0x0A, label[..at]);
    }
}
