namespace Deucalion.Replication.Coordination.Bucket;

/// <summary>
/// Where in the bucket the documents are, and how often it is asked. All intervals follow from the time to live: with the default of 30 s a listing every
/// 8 s and a renewal every 14 s are fewer than one request in 5 s for each node, and a dead node's leases can be taken after some 40 s.
/// </summary>
public sealed class BucketStoreOptions
{
    /// <summary>Beginning of all keys; the number is that of the layout.</summary>
    public string Prefix { get; init; } = "coordination/v1/";

    /// <summary>How long a session may stay without renewal before others may end it.</summary>
    public TimeSpan TimeToLive { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the record of a deletion stays: so old a revision nobody writes upon any more.</summary>
    public TimeSpan KeepTombstones { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Time between two listings; more where a listing takes several requests.</summary>
    internal TimeSpan PollInterval => TimeToLive * 4 / 15;

    /// <summary>Time between two renewals of the own session.</summary>
    internal TimeSpan RenewInterval => TimeToLive * 7 / 15;

    /// <summary>Time after which a renewal or a listing that failed is tried again.</summary>
    internal TimeSpan RetryInterval => TimeToLive / 20;

    /// <summary>Longest time for one request on which leases depend.</summary>
    internal TimeSpan RequestTimeout => TimeToLive / 6;

    /// <summary>How much earlier than others an owner counts its session as ended: for clocks that do not run equally fast.</summary>
    internal TimeSpan Margin => TimeToLive / 10;

    /// <summary>Longest time between two reads that still shows an observer that is awake and a store that works.</summary>
    internal TimeSpan LongestGap => TimeToLive / 2;

    /// <summary>How long those who asked for a lease are remembered, so that its holder is watched for them.</summary>
    internal TimeSpan RememberAsking => TimeToLive * 4;

    /// <summary>How long a session that nobody asks for stays unchanged before it is swept away.</summary>
    internal TimeSpan SweepAfter => TimeToLive * 20;

    /// <summary>How many reads of an unchanged session it takes, at least, to call it dead.</summary>
    internal const int FewestReads = 4;

    /// <summary>Entries that fit into one request of a listing.</summary>
    internal const int PageSize = 1000;
}
