namespace Deucalion.Replication.Placement;

/// <summary>How many replicas a partition is to have, and below how many in-sync ones it takes no writes.</summary>
public sealed record ReplicaNumbers
{
    /// <summary>The largest replication factor.</summary>
    public const int Most = 9;

    /// <summary>Numbers with 1 to <see cref="Most"/> replicas, of which at least 1 and at most all have to be in sync.</summary>
    public ReplicaNumbers(int replicationFactor, int minInSync)
    {
        if (!AreValid(replicationFactor, minInSync))
        {
            throw new ArgumentOutOfRangeException(
                nameof(replicationFactor), $"{replicationFactor} replicas with {minInSync} in sync are not possible: 1 to {Most}, the second at most the first");
        }

        ReplicationFactor = replicationFactor;
        MinInSync = minInSync;
    }

    /// <summary>One replica: a process alone.</summary>
    public static ReplicaNumbers One { get; } = new(1, 1);

    /// <summary>Wanted replicas.</summary>
    public int ReplicationFactor { get; }

    /// <summary>In-sync members are never reduced below this number.</summary>
    public int MinInSync { get; }

    /// <summary>Numbers with a majority in sync: what a new cluster begins with.</summary>
    public static ReplicaNumbers WithMajority(int replicationFactor) => new(replicationFactor, (replicationFactor / 2) + 1);

    /// <summary>Whether the numbers are possible.</summary>
    public static bool AreValid(int replicationFactor, int minInSync) => minInSync >= 1 && minInSync <= replicationFactor && replicationFactor <= Most;

    /// <inheritdoc/>
    public override string ToString() => $"rf {ReplicationFactor}, at least {MinInSync} in sync";
}
