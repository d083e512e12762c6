namespace Deucalion.Replication.Coordination.Bucket;

/// <summary>What one listing of the whole store has shown: revisions in the bucket by object key, and when the listing began and ended.</summary>
internal sealed record BucketSnapshot(IReadOnlyDictionary<string, string> Tags, TimeSpan Start, TimeSpan End);
