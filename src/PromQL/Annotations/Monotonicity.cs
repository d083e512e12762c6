using System.Globalization;
using Deucalion.Common.Text;

namespace Deucalion.PromQL.Annotations;

/// <summary>Where and how far classic buckets were not monotonic.</summary>
internal readonly record struct Monotonicity(double MinBucket, double MaxBucket, double MaxDiff, long Samples, long MinTime, long MaxTime)
{
    public Monotonicity Join(in Monotonicity other) => new(
        Math.Min(MinBucket, other.MinBucket),
        Math.Max(MaxBucket, other.MaxBucket),
        Math.Max(MaxDiff, other.MaxDiff),
        Samples + other.Samples,
        Math.Min(MinTime, other.MinTime),
        Math.Max(MaxTime, other.MaxTime));

    public override string ToString()
    {
        var when = $"from {Rfc3339(MinTime)} to {Rfc3339(MaxTime)}";
        return $", from buckets {GoFloat.FormatGeneral(MinBucket)} to {GoFloat.FormatGeneral(MaxBucket)}, with a max diff of {GoFloat.FormatGeneral(MaxDiff, 2)}, over {Samples} samples {when}";
    }

    private static string Rfc3339(long time) =>
        DateTimeOffset.FromUnixTimeMilliseconds(time).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
