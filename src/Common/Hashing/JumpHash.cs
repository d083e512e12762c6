namespace Deucalion.Common.Hashing;

/// <summary>Jump consistent hash (Lamping, Veach): when the number of buckets grows from n to n+1, one key in n+1 moves, into the new bucket.</summary>
public static class JumpHash
{
    /// <summary>The bucket of a key, 0 … buckets-1.</summary>
    public static int Bucket(ulong key, int buckets)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(buckets, 1);
        long bucket = -1, next = 0;
        while (next < buckets)
        {
            bucket = next;
            key = unchecked((key * 2862933555777941757) + 1);
            next = (long)((bucket + 1) * ((double)(1L << 31) / ((key >> 33) + 1)));
        }

        return (int)bucket;
    }
}
