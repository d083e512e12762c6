namespace Deucalion.Compactor.Retention;

/// <summary>What each tenant keeps. Asked anew by every pass. Thread-safe.</summary>
public interface ITenantRetention
{
    /// <summary>Blocks of the tenant whose samples are all older go; null: none does.</summary>
    TimeSpan? TimeOf(string tenant);

    /// <summary>While the tenant's blocks have more bytes in all its partitions together, the oldest go; null: none does.</summary>
    long? SizeOf(string tenant);
}
