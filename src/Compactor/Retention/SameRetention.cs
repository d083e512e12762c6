namespace Deucalion.Compactor.Retention;

/// <summary>One retention for all tenants.</summary>
/// <param name="Time">For all of them what <see cref="ITenantRetention.TimeOf"/> gives.</param>
/// <param name="Size">For all of them what <see cref="ITenantRetention.SizeOf"/> gives.</param>
public sealed record SameRetention(TimeSpan? Time, long? Size) : ITenantRetention
{
    /// <summary>Keeps everything: long-term storage drops nothing unless told to.</summary>
    public static readonly SameRetention KeepAll = new(null, null);

    /// <inheritdoc/>
    public TimeSpan? TimeOf(string tenant) => Time;

    /// <inheritdoc/>
    public long? SizeOf(string tenant) => Size;
}
