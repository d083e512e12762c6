using System.Text;

namespace Deucalion.Benchmarks.Load;

/// <summary>Requests with one series that has a sample each second: fifteen a step.</summary>
internal static class ProbeRequest
{
    public const string Metric = "probe_duration_seconds";

    private const int PerStep = 15;

    /// <summary>The compressed request of one step.</summary>
    public static byte[] Encode(int step, long startSeconds)
    {
        var series = new List<byte>();
        AddLabel(series, "__name__", Metric);
        AddLabel(series, "job", "probe");
        for (var i = 0; i < PerStep; i++)
        {
            var at = (step * PerStep) + i;
            var value = Math.Round(100 + (20 * Math.Sin(at / 97.0)) + (at * 7919 % 1000 / 100.0), 2);
            var sample = new List<byte> { 0x09 };
            sample.AddRange(BitConverter.GetBytes(value));
            sample.Add(0x10);
            AddVarint(sample, (ulong)((startSeconds + at) * 1000));
            Add(series, 0x12, sample);
        }

        var request = new List<byte>();
        Add(request, 0x0A, series);
        return IronSnappy.Snappy.Encode([.. request]);
    }

    private static void AddLabel(List<byte> series, string name, string value)
    {
        var label = new List<byte>();
        Add(label, 0x0A, Encoding.UTF8.GetBytes(name));
        Add(label, 0x12, Encoding.UTF8.GetBytes(value));
        Add(series, 0x0A, label);
    }

    private static void Add(List<byte> to, byte tag, IReadOnlyCollection<byte> content)
    {
        to.Add(tag);
        AddVarint(to, (ulong)content.Count);
        to.AddRange(content);
    }

    private static void AddVarint(List<byte> to, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            to.Add((byte)(value | 0x80));
        }

        to.Add((byte)value);
    }
}
