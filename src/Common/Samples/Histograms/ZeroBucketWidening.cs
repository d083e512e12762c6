namespace Deucalion.Common.Samples.Histograms;

/// <summary>Makes the zero bucket wider, swallowing the buckets within it.</summary>
internal static class ZeroBucketWidening
{
    /// <summary>
    /// What the zero bucket holds with a larger threshold. A threshold that would cut a populated bucket moves on to that bucket's
    /// outer edge, so the result may be wider than asked for.
    /// </summary>
    public static (double Threshold, double Count) Widen(
        int schema, double zeroCount, double zeroThreshold, BucketList positive, BucketList negative, double threshold)
    {
        if (threshold == zeroThreshold)
        {
            return (threshold, zeroCount);
        }

        while (true)
        {
            var count = zeroCount;
            Swallow(schema, positive, ref threshold, ref count);
            var afterPositive = threshold;
            Swallow(schema, negative, ref threshold, ref count);

            // A negative bucket moved the edge: the positive side has to be looked at again.
            if (threshold == afterPositive)
            {
                return (threshold, count);
            }
        }
    }

    /// <summary>Removes the buckets that lie wholly in the zero bucket: one that reaches beyond it keeps its count, as a sender may have it.</summary>
    public static void TrimWhole(int schema, BucketList positive, BucketList negative, double threshold)
    {
        positive.RemoveFirst(CountWhole(schema, positive, threshold));
        negative.RemoveFirst(CountWhole(schema, negative, threshold));
    }

    /// <summary>Removes the buckets that begin in the zero bucket, after it was widened over those that hold something.</summary>
    public static void Trim(int schema, BucketList positive, BucketList negative, double threshold)
    {
        positive.RemoveFirst(CountWithin(schema, positive, threshold));
        negative.RemoveFirst(CountWithin(schema, negative, threshold));
    }

    private static void Swallow(int schema, BucketList buckets, ref double threshold, ref double count)
    {
        foreach (ref readonly var bucket in buckets.Entries)
        {
            if (ExponentialBounds.Upper(schema, bucket.Index - 1) >= threshold)
            {
                return;
            }

            count += bucket.Total;
            var upper = ExponentialBounds.Upper(schema, bucket.Index);
            if (upper > threshold)
            {
                threshold = bucket.Total != 0 ? upper : threshold;
                return;
            }
        }
    }

    private static int CountWhole(int schema, BucketList buckets, double threshold)
    {
        var n = 0;
        foreach (ref readonly var bucket in buckets.Entries)
        {
            if (ExponentialBounds.Upper(schema, bucket.Index) > threshold)
            {
                break;
            }

            n++;
        }

        return n;
    }

    private static int CountWithin(int schema, BucketList buckets, double threshold)
    {
        var n = 0;
        foreach (ref readonly var bucket in buckets.Entries)
        {
            if (ExponentialBounds.Upper(schema, bucket.Index - 1) >= threshold)
            {
                break;
            }

            n++;
        }

        return n;
    }
}
