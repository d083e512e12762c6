using System.Collections.Concurrent;
using Deucalion.Common.Contracts;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Log;
using Deucalion.Common.Tenants;
using Deucalion.Replication.PartitionLog;
using Deucalion.Storage.Head;

namespace Deucalion.Ingester.Partitions;

/// <summary>
/// What a partition holds: a head for each tenant, changed by committed records only, at recovery and live by the same path. Recovery, then the
/// partition's actor, is its one writer; the table of heads may be read by any thread.
/// </summary>
internal sealed class PartitionState(PartitionId partition, HeadResources resources) : IPartitionLogOwner, IDisposable
{
    private readonly ConcurrentDictionary<TenantId, TenantPart> _parts = new();
    private TenantPart? _last;
    private volatile string? _damage;

    /// <summary>The partition.</summary>
    public PartitionId Partition => partition;

    /// <summary>The tenants' parts. Any thread.</summary>
    public IEnumerable<TenantPart> Parts => _parts.Values;

    /// <summary>Why the heads may not be used any more, or null. Any thread.</summary>
    public string? Damage => _damage;

    /// <summary>Bytes of records applied since the last checkpoint.</summary>
    public long BytesSinceCheckpoint { get; private set; }

    /// <summary>Whether a checkpoint would hold anything new.</summary>
    public bool IsChanged => BytesSinceCheckpoint > 0;

    /// <summary>Called, on any thread, when the log has news; set before the log is opened.</summary>
    public Action? Progressed { get; set; }

    /// <summary>The tenant's part, or null where it has none. Any thread.</summary>
    public TenantPart? Find(TenantId tenant) => _parts.GetValueOrDefault(tenant);

    /// <summary>The tenant's part, made where there is none. For the writer.</summary>
    public TenantPart PartOf(TenantId tenant) =>
        _parts.TryGetValue(tenant, out var part) ? part : _parts.GetOrAdd(tenant, new TenantPart(tenant, new TenantHead(resources, partition.Value)));

    /// <inheritdoc/>
    public void Apply(long seq, RecordKind kind, ReadOnlySpan<byte> payload)
    {
        try
        {
            BytesSinceCheckpoint += payload.Length;
            var part = PartOf(payload, out var length);
            part.Head.Apply(kind, payload[length..]);
        }
        catch (HeadFormatException e)
        {
            _damage = $"partition {partition}: record {seq} of kind {kind} cannot be applied: {e.Message}";
            throw;
        }
    }

    /// <summary>Forgets what the heads have staged and the log will not commit.</summary>
    public void DropStaged()
    {
        foreach (var part in _parts.Values)
        {
            part.Head.DropStaged();
        }
    }

    /// <inheritdoc/>
    public void LogProgressed() => Progressed?.Invoke();

    /// <summary>Frees the heads; no reader may come any more.</summary>
    public void Dispose()
    {
        foreach (var part in _parts.Values)
        {
            part.Head.Dispose();
        }

        _parts.Clear();
    }

    private TenantPart PartOf(ReadOnlySpan<byte> payload, out int length)
    {
        if (_last is { } last && payload.StartsWith(last.Prefix.Span))
        {
            length = last.Prefix.Length;
            return last;
        }

        if (!TenantPart.TryReadPrefix(payload, out var tenant, out length))
        {
            throw new HeadFormatException("the record names no tenant");
        }

        return _last = PartOf(tenant);
    }
}
