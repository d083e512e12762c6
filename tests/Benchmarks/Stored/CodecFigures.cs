using Deucalion.Storage.Chunks.Xor;

namespace Deucalion.Benchmarks.Stored;

/// <summary>Encoding and decoding of XOR chunks of 120 samples at 15 s, one thread.</summary>
internal static class CodecFigures
{
    private const int Chunks = 2000;
    private const int Samples = 120;
    private const int Rounds = 20;

    public static IEnumerable<string> Rows()
    {
        var random = new Random(7);
        yield return Row("constant", static (_, _) => 1);
        yield return Row("integer counter", (_, previous) => previous + random.Next(0, 200));
        yield return Row("two-decimal gauge", (_, previous) => Math.Round(Math.Clamp(previous + ((random.NextDouble() - 0.5) * 2), 0, 100), 2));
        yield return Row("random double", (_, _) => random.NextDouble());
    }

    private static string Row(string name, Func<int, double, double> next)
    {
        var times = new long[Chunks][];
        var values = new double[Chunks][];
        var encoded = new byte[Chunks][];
        var buffer = new byte[Samples * XorAppender.MaxSampleSize];
        for (var c = 0; c < Chunks; c++)
        {
            (times[c], values[c]) = (new long[Samples], new double[Samples]);
            var value = c % 100 / 2.0;
            for (var i = 0; i < Samples; i++)
            {
                value = next(i, value);
                times[c][i] = 1_700_000_000_000 + (c * 37) + (i * 15_000L);
                values[c][i] = value;
            }

            encoded[c] = buffer.AsSpan(0, Encode(times[c], values[c], buffer)).ToArray();
        }

        var encode = Best(() =>
        {
            for (var c = 0; c < Chunks; c++)
            {
                _ = Encode(times[c], values[c], buffer);
            }
        });
        var (decodedTimes, decodedValues) = (new long[Samples], new double[Samples]);
        var decode = Best(() =>
        {
            for (var c = 0; c < Chunks; c++)
            {
                _ = XorChunk.Decode(encoded[c], Samples, long.MinValue, long.MaxValue, decodedTimes, decodedValues);
            }
        });
        const double Total = Chunks * Samples;
        var bytes = encoded.Sum(static e => (double)e.Length) / Total;
        Console.WriteLine($"XOR {name}: encode {Total / encode / 1e6:F0} M/s, decode {Total / decode / 1e6:F0} M/s, {bytes:F2} B/sample");
        return $"| XOR, {name} | {Total / encode / 1e6:F0} M | {Total / decode / 1e6:F0} M | {bytes:F2} |";
    }

    private static double Best(Action action)
    {
        var best = double.MaxValue;
        for (var i = 0; i < Rounds; i++)
        {
            best = Math.Min(best, CpuClock.Measure(action));
        }

        return best;
    }

    private static int Encode(long[] times, double[] values, byte[] buffer)
    {
        var appender = default(XorAppender);
        for (var i = 0; i < times.Length; i++)
        {
            if (!appender.TryAppend(buffer, times[i], values[i]))
            {
                throw new InvalidOperationException("the buffer is too small");
            }
        }

        return appender.Length;
    }
}
