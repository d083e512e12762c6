namespace Deucalion.Common.Samples.Histograms;

/// <summary>Brings histograms with different custom bounds to the bounds they share.</summary>
internal static class CustomBounds
{
    /// <summary>The bounds in both lists.</summary>
    public static double[] Intersect(double[] a, double[] b)
    {
        var common = new List<double>();
        int i = 0, j = 0;
        while (i < a.Length && j < b.Length)
        {
            if (a[i] == b[j])
            {
                common.Add(a[i]);
                i++;
                j++;
            }
            else if (a[i] < b[j])
            {
                i++;
            }
            else
            {
                j++;
            }
        }

        return [.. common];
    }

    /// <summary>Moves each bucket into the first one of <paramref name="to"/> that ends at or above its end.</summary>
    public static void Fold(BucketList buckets, double[] from, double[] to) =>
        buckets.Fold((from, to), static (index, bounds) =>
        {
            if (index >= bounds.from.Length)
            {
                return bounds.to.Length;
            }

            var found = Array.BinarySearch(bounds.to, bounds.from[index]);
            return found < 0 ? ~found : found;
        });
}
