namespace Deucalion.Compactor.Retention;

/// <summary>What a tenant keeps; null means without bound.</summary>
/// <param name="MaxAge">A block goes when all its samples are older.</param>
/// <param name="MaxBytes">The oldest blocks go while those of all partitions together are larger.</param>
internal sealed record RetentionPolicy(TimeSpan? MaxAge, long? MaxBytes)
{
    /// <summary>Keeps everything: long-term storage drops nothing unless told to.</summary>
    public static readonly RetentionPolicy KeepAll = new(null, null);
}
