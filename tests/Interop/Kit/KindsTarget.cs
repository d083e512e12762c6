using System.Net;
using System.Text;
using Deucalion.Testing.Processes;
using Deucalion.Testing.RemoteWrite;

namespace Deucalion.Interop.Kit;

/// <summary>
/// A scrape target that exposes, in Prometheus's protobuf format, what text cannot: native histograms (integer counters that get new buckets and begin anew,
/// float gauges, one that disappears), exemplars, created timestamps. All numbers follow from the count of scrapes.
/// </summary>
public sealed class KindsTarget : IDisposable
{
    private const int Counter = 0;
    private const int Histogram = 4;
    private const int GaugeHistogram = 5;

    private static readonly double[] Bounds = [0.25, 0.5, 1, 2.5];

    private readonly HttpListener _listener = new();
    private readonly Task _serving;
    private readonly long _created = DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 100;
    private int _scrapes;

    public KindsTarget()
    {
        Port = Ports.Free();
        _listener.Prefixes.Add($"http://127.0.0.1:{Port}/");
        _listener.Start();
        _serving = Task.Run(ServeAsync);
    }

    public int Port { get; }

    /// <summary>How often it has been scraped.</summary>
    public int Scrapes => Volatile.Read(ref _scrapes);

    public void Dispose()
    {
        _listener.Close();
        _serving.Wait();
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            var body = Families(Interlocked.Increment(ref _scrapes));
            context.Response.ContentType = "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited";
            await context.Response.OutputStream.WriteAsync(body);
            context.Response.Close();
        }
    }

    private byte[] Families(int n)
    {
        var output = new List<byte>();
        Family(output, "requests_total", Counter, Enumerable.Range(0, 3).Select(i => Metric(i, 3, CounterOf(n, i))));
        Family(output, "latency_seconds", Histogram, Enumerable.Range(0, 2).Select(i => Metric(i, 7, ClassicOf(n, i))));
        Family(output, "size_bytes", Histogram, Enumerable.Range(0, 3).Select(i => Metric(i, 7, IntegersOf(n, i))));
        Family(output, "queue_length", GaugeHistogram, Enumerable.Range(0, 2).Select(i => Metric(i, 7, FloatsOf(n, i))));
        if (n < 30)
        {
            Family(output, "vanishing_bytes", Histogram, [Metric(0, 7, IntegersOf(n, 0))]);
        }

        return [.. output];
    }

    private List<byte> CounterOf(int n, int i)
    {
        var counter = new List<byte>();
        ProtobufBytes.Double(counter, 1, n * (i + 1));
        ProtobufBytes.Bytes(counter, 2, Exemplar(n, i, 0.5));
        ProtobufBytes.Bytes(counter, 3, Time(_created * 1000));
        return counter;
    }

    // Far from zero like the others.
    private List<byte> ClassicOf(int n, int i)
    {
        var histogram = new List<byte>();
        ProtobufBytes.Number(histogram, 1, (ulong)((1000 + n) * 5 * (i + 1)));
        ProtobufBytes.Double(histogram, 2, n * 0.25);
        for (var b = 0; b < Bounds.Length; b++)
        {
            var bucket = new List<byte>();
            ProtobufBytes.Number(bucket, 1, (ulong)((1000 + n) * (b + 1) * (i + 1)));
            ProtobufBytes.Double(bucket, 2, Bounds[b]);
            if (b == n % Bounds.Length)
            {
                ProtobufBytes.Bytes(bucket, 3, Exemplar(n, i, Bounds[b] / 2));
            }

            ProtobufBytes.Bytes(histogram, 3, bucket);
        }

        ProtobufBytes.Bytes(histogram, 15, Time(_created * 1000));
        return histogram;
    }

    // From the twentieth scrape on there is another bucket; each forty scrapes all begins anew. All counts are far from zero, which later releases than
    // this Prometheus do not extrapolate below.
    private List<byte> IntegersOf(int n, int i)
    {
        var age = 1000 + (n % 40);
        long[] positive = age < 1020 ? [age, 2 * age, 0, age * i] : [age, 2 * age, 0, age * i, 7 * age];
        var histogram = new List<byte>();
        ProtobufBytes.Number(histogram, 1, (ulong)(positive.Sum() + (2 * age) + 3));
        ProtobufBytes.Double(histogram, 2, age * 12.5);
        ProtobufBytes.Number(histogram, 5, ProtobufBytes.ZigZag(2));
        ProtobufBytes.Double(histogram, 6, 0.001);
        ProtobufBytes.Number(histogram, 7, 3);
        ProtobufBytes.Bytes(histogram, 9, Span(1, 1));
        ProtobufBytes.Number(histogram, 10, ProtobufBytes.ZigZag(2 * age));
        ProtobufBytes.Bytes(histogram, 12, Span(-2, 2));
        ProtobufBytes.Bytes(histogram, 12, Span(3, positive.Length - 2));
        var previous = 0L;
        foreach (var count in positive)
        {
            ProtobufBytes.Number(histogram, 13, ProtobufBytes.ZigZag(count - previous));
            previous = count;
        }

        ProtobufBytes.Bytes(histogram, 15, Time(_created * 1000));
        ProtobufBytes.Bytes(histogram, 16, Exemplar(n, i, 1.5));
        return histogram;
    }

    private static List<byte> FloatsOf(int n, int i)
    {
        double[] counts = [0.5 * (n % 7), 1.25, 0.125 * (n % 3) * i];
        var histogram = new List<byte>();
        ProtobufBytes.Double(histogram, 4, counts.Sum() + 0.25);
        ProtobufBytes.Double(histogram, 2, counts.Sum() * 2);
        ProtobufBytes.Number(histogram, 5, ProtobufBytes.ZigZag(-1));
        ProtobufBytes.Double(histogram, 6, 0.5);
        ProtobufBytes.Double(histogram, 8, 0.25);
        ProtobufBytes.Bytes(histogram, 12, Span(0, 3));
        foreach (var count in counts)
        {
            ProtobufBytes.Double(histogram, 14, count);
        }

        return histogram;
    }

    private static List<byte> Span(int offset, int length)
    {
        var span = new List<byte>();
        ProtobufBytes.Number(span, 1, ProtobufBytes.ZigZag(offset));
        ProtobufBytes.Number(span, 2, (ulong)length);
        return span;
    }

    private static List<byte> Exemplar(int n, int i, double value)
    {
        var exemplar = new List<byte>();
        Label(exemplar, 1, "trace_id", $"trace-{n / 3}-{i}");
        Label(exemplar, 1, "span_id", $"{n / 3:x16}");
        ProtobufBytes.Double(exemplar, 2, value);
        ProtobufBytes.Bytes(exemplar, 3, Time(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() - 10));
        return exemplar;
    }

    private static List<byte> Time(long milliseconds)
    {
        var time = new List<byte>();
        ProtobufBytes.Number(time, 1, (ulong)(milliseconds / 1000));
        ProtobufBytes.Number(time, 2, (ulong)(milliseconds % 1000 * 1_000_000));
        return time;
    }

    private static List<byte> Metric(int number, int field, List<byte> content)
    {
        var metric = new List<byte>();
        Label(metric, 1, "number", $"{number}");
        ProtobufBytes.Bytes(metric, field, content);
        return metric;
    }

    private static void Label(List<byte> target, int field, string name, string value)
    {
        var label = new List<byte>();
        ProtobufBytes.Bytes(label, 1, Encoding.UTF8.GetBytes(name));
        ProtobufBytes.Bytes(label, 2, Encoding.UTF8.GetBytes(value));
        ProtobufBytes.Bytes(target, field, label);
    }

    private static void Family(List<byte> output, string name, int type, IEnumerable<List<byte>> metrics)
    {
        var family = new List<byte>();
        ProtobufBytes.Bytes(family, 1, Encoding.UTF8.GetBytes(name));
        ProtobufBytes.Bytes(family, 2, Encoding.UTF8.GetBytes($"Help of {name}."));
        ProtobufBytes.Number(family, 3, (ulong)type);
        foreach (var metric in metrics)
        {
            ProtobufBytes.Bytes(family, 4, metric);
        }

        ProtobufBytes.Varint(output, (ulong)family.Count);
        output.AddRange(family);
    }
}
