using System.Globalization;

namespace Deucalion.Benchmarks.Load;

/// <summary>Requests with native histograms, one of each series a step: latencies of 10 methods in 200 pods, 32 buckets of schema 3.</summary>
internal sealed class NativeHistogramRequest
{
    public const int Series = 2000;

    private const int Buckets = 32;
    private const int Methods = 10;

    private readonly long[][] _counts = [.. Enumerable.Range(0, Series).Select(static _ => new long[Buckets])];
    private readonly double[] _sums = new double[Series];
    private readonly Random _random = new(11);

    /// <summary>The compressed request of the next step, which begins at a time.</summary>
    public byte[] Next(long seconds)
    {
        var request = new ProtobufBytes();
        for (var i = 0; i < Series; i++)
        {
            var pod = i / Methods;
            var series = new ProtobufBytes();
            foreach (var (name, value) in new[]
            {
                ("__name__", "rpc_duration_seconds"), ("cluster", "prod-eu-west-1"), ("job", "rpc-" + (pod % 10).ToString(CultureInfo.InvariantCulture)),
                ("method", "Method" + (i % Methods).ToString(CultureInfo.InvariantCulture)), ("pod", Fleet.PodName(pod)),
            })
            {
                series.Message(1, new ProtobufBytes().Text(1, name).Text(2, value));
            }

            request.Message(1, series.Message(4, Histogram(i, seconds)));
        }

        return IronSnappy.Snappy.Encode(request.ToArray());
    }

    private ProtobufBytes Histogram(int i, long seconds)
    {
        var counts = _counts[i];
        for (var observation = 0; observation < 20; observation++)
        {
            // Most around the middle, as latencies are.
            var bucket = (_random.Next(Buckets / 2) + _random.Next(Buckets / 2)) % Buckets;
            counts[bucket]++;
            _sums[i] += Math.Pow(2, (bucket - 40) / 8.0);
        }

        return new ProtobufBytes()
            .Integer(1, counts.Sum())
            .Double(3, _sums[i])
            .Signed(4, 3)
            .Double(5, 1e-9)
            .Integer(6, 0)
            .Message(11, new ProtobufBytes().Signed(1, -40).Integer(2, Buckets))
            .PackedSigned(12, counts.Select((count, b) => b == 0 ? count : count - counts[b - 1]))
            .Integer(15, seconds * 1000);
    }
}
