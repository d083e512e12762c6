namespace Deucalion.Ingester.Read;

/// <summary>How long reads of heads try.</summary>
public sealed record ClusterReadOptions
{
    /// <summary>How long partitions that do not answer are asked again: longer than a partition usually takes to get another primary.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>A view of the cluster that is older is read anew before it is used.</summary>
    public TimeSpan MaxViewAge { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a read waits for that; who takes longer is away.</summary>
    public TimeSpan RefreshPatience { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>While the store is away: how often it is tried whether the view can be read again.</summary>
    public TimeSpan RefreshPause { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>After this long without an answer of a node the others are asked whether they have what it should have.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>First pause before partitions are asked again; it doubles up to <see cref="Patience"/>.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromMilliseconds(20);
}
