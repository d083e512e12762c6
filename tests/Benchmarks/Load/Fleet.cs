using System.Globalization;
using System.Text;

namespace Deucalion.Benchmarks.Load;

/// <summary>
/// A made-up fleet of services, 500 series a pod with 9 to 11 labels each: request counters, a latency histogram, CPU counters, memory gauges
/// and application gauges. Deterministic: a series has the same values in every run.
/// </summary>
internal sealed class Fleet
{
    public const int SeriesPerPod = 500;

    private static readonly string[] Jobs = ["payments-api", "checkout-web", "inventory-svc", "search-index", "auth-gateway", "notify-worker", "billing-core", "cart-service", "ledger-writer", "media-encode"];
    private static readonly string[] Handlers = ["/api/v1/orders", "/api/v1/orders/:id", "/api/v1/users", "/api/v1/users/:id", "/api/v1/search", "/api/v1/cart", "/healthz", "/metrics", "/api/v2/items", "/api/v2/items/:id"];
    private static readonly string[] Methods = ["GET", "POST", "PUT", "DELETE"];
    private static readonly string[] Codes = ["200", "201", "400", "404", "500"];
    private static readonly string[] Bounds = ["0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10", "+Inf"];

    private readonly double[] _current;

    public Fleet(int series)
    {
        Series = [.. Enumerable.Range(0, series).Select(Labels)];
        _current = new double[series];
        for (var i = 0; i < series; i++)
        {
            _current[i] = KindOf(i) == Kind.Constant ? 1 + (Mix(i, 0) % 1000) : Mix(i, 0) % 100_000;
        }
    }

    private enum Kind
    {
        Counter,
        Bucket,
        Sum,
        CpuSeconds,
        MemoryPages,
        Constant,
        SmallInteger,
        Noise,
        SlowInteger,
    }

    /// <summary>Sorted labels of each series.</summary>
    public (string Name, string Value)[][] Series { get; }

    public static string PodName(int pod) => $"{Jobs[pod % Jobs.Length]}-7d9f8b6c5d-{Mix(pod, 99) % 100_000:x5}";

    /// <summary>Moves series <paramref name="i"/> one step on; each series is asked once a step.</summary>
    public double Next(int i, int step)
    {
        ref var value = ref _current[i];
        var noise = Mix(i, step);
        switch (KindOf(i))
        {
            case Kind.Counter:
                // About a third of all request counters stand still, as most label combinations do.
                value += Mix(i, 1) % 100 < 35 ? 0 : noise % (1 + (Mix(i, 2) % 2000));
                return value;
            case Kind.Bucket:
                value += noise % (10 + (ulong)(i % 12 * 20));
                return value;
            case Kind.Sum:
                value += (noise % 100_000) / 1000.0;
                return value;
            case Kind.CpuSeconds:
                value += noise % 15_000_000;
                return value / 1e6;
            case Kind.MemoryPages:
                value = (noise & 1) == 0 ? value : Math.Max(1, value + (noise >> 8 & 63) - 31);
                return value * 4096;
            case Kind.Constant:
                return value;
            case Kind.SmallInteger:
                return noise % 10;
            case Kind.Noise:
                return value * (0.9 + (0.2 * (noise % 1_000_003) / 1_000_003));
            default:
                value += (noise & 15) == 0 ? (noise >> 8 & 15) - 7.0 : 0;
                return value;
        }
    }

    private static Kind KindOf(int i) => (i % SeriesPerPod) switch
    {
        < 200 => Kind.Counter,
        < 330 => Kind.Bucket,
        < 340 => Kind.Sum,
        < 380 => Kind.CpuSeconds,
        < 440 => Kind.MemoryPages,
        var k => (k % 4) switch { 0 => Kind.Constant, 1 => Kind.SmallInteger, 2 => Kind.Noise, _ => Kind.SlowInteger },
    };

    private static (string Name, string Value)[] Labels(int i)
    {
        var pod = i / SeriesPerPod;
        var k = i % SeriesPerPod;
        var job = Jobs[pod % Jobs.Length];
        var labels = new List<(string Name, string Value)>
        {
            ("cluster", "prod-eu-west-1"), ("container", job), ("job", job), ("namespace", $"team-{pod % 8}"), ("pod", PodName(pod)),
            ("instance", string.Create(CultureInfo.InvariantCulture, $"10.{pod / 250}.{pod % 250}.{17 + (pod % 200)}:8080")), ("node", $"ip-10-1-{pod % 25}-{100 + (pod % 25)}.eu-west-1.compute.internal"),
        };
        switch (k)
        {
            case < 200:
                labels.AddRange([("__name__", "http_requests_total"), ("handler", Handlers[k / 20]), ("method", Methods[k / 5 % 4]), ("code", Codes[k % 5])]);
                break;
            case < 320:
                labels.AddRange([("__name__", "http_request_duration_seconds_bucket"), ("handler", Handlers[(k - 200) / 12]), ("le", Bounds[(k - 200) % 12])]);
                break;
            case < 330:
                labels.AddRange([("__name__", "http_request_duration_seconds_count"), ("handler", Handlers[k - 320])]);
                break;
            case < 340:
                labels.AddRange([("__name__", "http_request_duration_seconds_sum"), ("handler", Handlers[k - 330])]);
                break;
            case < 380:
                labels.AddRange([("__name__", "container_cpu_usage_seconds_total"), ("cpu", $"cpu{k - 340:00}"), ("image", $"registry.local/{job}:v1.{pod % 9}.3")]);
                break;
            case < 440:
                labels.AddRange([("__name__", "process_memory_region_bytes"), ("region", $"region-{k - 380:00}"), ("image", $"registry.local/{job}:v1.{pod % 9}.3")]);
                break;
            default:
                labels.AddRange([("__name__", $"app_metric_{k - 440:00}"), ("version", $"v1.{pod % 9}.3"), ("image", $"registry.local/{job}:v1.{pod % 9}.3")]);
                break;
        }

        return [.. labels.OrderBy(static l => l.Name, StringComparer.Ordinal)];
    }

    // SplitMix64 over (series, step): cheap, and good enough that neighbours look unrelated.
    private static ulong Mix(long a, long b)
    {
        var z = unchecked(((ulong)a * 0x9E3779B97F4A7C15UL) + ((ulong)b * 0xBF58476D1CE4E5B9UL) + 0x94D049BB133111EBUL);
        z = unchecked((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL);
        z = unchecked((z ^ (z >> 27)) * 0x94D049BB133111EBUL);
        return z ^ (z >> 31);
    }

    /// <summary>Encoded Label messages of a series, as they stand in a write request.</summary>
    public byte[] EncodedLabels(int i)
    {
        var bytes = new List<byte>();
        foreach (var (name, value) in Series[i])
        {
            var n = Encoding.UTF8.GetBytes(name);
            var v = Encoding.UTF8.GetBytes(value);
            bytes.AddRange([0x0A, (byte)(4 + n.Length + v.Length), 0x0A, (byte)n.Length, .. n, 0x12, (byte)v.Length, .. v]);
        }

        return [.. bytes];
    }
}
