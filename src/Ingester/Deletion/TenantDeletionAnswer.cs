namespace Deucalion.Ingester.Deletion;

/// <summary>What became of the deletion of a tenant.</summary>
/// <param name="WasKnown">Whether anything was known of the tenant.</param>
/// <param name="Partitions">Partitions that were asked.</param>
/// <param name="Series">Series of heads that have gone, those without recent samples included.</param>
/// <param name="Blocks">Blocks that have left the manifests.</param>
/// <param name="Bytes">Their bytes.</param>
public sealed record TenantDeletionAnswer(bool WasKnown, int Partitions, long Series, long Blocks, long Bytes)
{
    /// <summary>Which partitions are not known to have deleted the tenant, and why; null where all have.</summary>
    public string? Failure { get; init; }
}
