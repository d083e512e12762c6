using System.Globalization;

namespace Deucalion.Cluster.Load;

/// <summary>The series that the generator writes: what they are called, and a value for each step that follows from its place alone.</summary>
internal static class LoadSeries
{
    public const string Metric = "cluster_load";

    /// <summary>A double between 1 and 2 with 52 arbitrary bits: no other step of any series has it, for all that chance can do.</summary>
    public static double ValueOf(int sender, int series, long step)
    {
        // The finaliser of SplitMix64.
        var bits = ((ulong)sender << 52) ^ ((ulong)series << 36) ^ (ulong)step;
        bits += 0x9E3779B97F4A7C15;
        bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9;
        bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
        bits ^= bits >> 31;
        return BitConverter.UInt64BitsToDouble((bits >> 12) | 0x3FF0000000000000);
    }

    public static string TenantOf(int sender) => string.Create(CultureInfo.InvariantCulture, $"load-{sender}");

    public static (string Name, string Value)[] LabelsOf(int sender, int series) =>
    [
        ("__name__", Metric),
        ("sender", sender.ToString(CultureInfo.InvariantCulture)),
        ("series", series.ToString(CultureInfo.InvariantCulture)),
    ];
}
