using Deucalion.Common.Identifiers;
using Deucalion.Common.Manifests;
using Deucalion.Common.Tenants;
using Deucalion.Querier.Sources;

namespace Deucalion.Querier.Tests.Sources;

/// <summary>One manifest that the test changes.</summary>
internal sealed class FakeManifests : IManifestReader
{
    private volatile Manifest _current = new() { Tenant = TenantId.Anonymous, Partition = new PartitionId(0) };
    private int _reads;

    public int Reads => Volatile.Read(ref _reads);

    /// <summary>Called at the start of each read.</summary>
    public Func<Task> BeforeRead { get; set; } = () => Task.CompletedTask;

    public async ValueTask<IReadOnlyList<Manifest>> ReadAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _reads);
        await BeforeRead();
        return [_current];
    }

    public static ManifestBlock Block(string ulid, long minTime, long maxTime) => new()
    {
        Ulid = ulid,
        MinTime = minTime,
        MaxTime = maxTime,
        Generations = [1],
        Level = 1,
        Bytes = 1,
        Series = 1,
        Samples = 1,
    };

    public void Publish(params ManifestBlock[] blocks) => _current = _current with { Blocks = [.. _current.Blocks, .. blocks] };

    /// <summary>Retires all blocks by a deletion.</summary>
    public void DeleteTenant(string ulid) => _current = _current.WithTenantDeleted(new ManifestDeletion(ulid, 1), 0);

    /// <summary>Replaces blocks by another in one step.</summary>
    public void Replace(IReadOnlyList<string> sources, params ManifestBlock[] result) => _current = _current with
    {
        Blocks = [.. _current.Blocks.Where(b => !sources.Contains(b.Ulid)), .. result],
        Retired = [.. _current.Retired, .. sources.Select(s => new RetiredBlock(s, 0, "compacted"))],
    };
}
