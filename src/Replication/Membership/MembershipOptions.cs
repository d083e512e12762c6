namespace Deucalion.Replication.Membership;

/// <summary>How a node keeps its place in the cluster.</summary>
public sealed class MembershipOptions
{
    /// <summary>How long the lease outlives its holder; null: what the store recommends.</summary>
    public TimeSpan? LeaseTimeToLive { get; init; }

    /// <summary>Between two attempts to take the lease, or to write the record.</summary>
    public TimeSpan RetryEvery { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long the start waits for the lease of a process before this one, in times to live: one that was killed leaves a lease that has to run out. Who
    /// holds it longer is alive.
    /// </summary>
    public double TakeOverPatience { get; init; } = 3;
}
