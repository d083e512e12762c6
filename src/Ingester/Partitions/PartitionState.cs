using System.Collections.Concurrent;
using System.Text;
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
internal sealed class PartitionState(PartitionId partition, HeadResources resources, Action<IReadOnlyList<TenantHead>> retire) : IPartitionLogOwner, IDisposable
{
    private const byte SectionVersion = 1;

    private readonly ConcurrentDictionary<TenantId, TenantPart> _parts = new();
    private TenantPart? _last;
    private RecoveryLanes? _lanes;
    private volatile string? _damage;

    /// <summary>The partition.</summary>
    public PartitionId Partition => partition;

    /// <summary>The tenants' parts. Any thread.</summary>
    public IEnumerable<TenantPart> Parts => _parts.Values;

    /// <summary>Why the heads may not be used any more, or null. Any thread.</summary>
    public string? Damage => _damage;

    /// <summary>Bytes of records applied since the last checkpoint was tried.</summary>
    public long BytesSinceCheckpoint { get; private set; }

    /// <summary>Called, on any thread, when the log has news; set before the actor's first message.</summary>
    public Action? Progressed { get; set; }

    /// <summary>Called on the mailbox when the log takes no more appends.</summary>
    public Action<string>? LogClosed { get; set; }

    /// <summary>The tenant's part, or null where it has none. Any thread.</summary>
    public TenantPart? Find(TenantId tenant) => _parts.GetValueOrDefault(tenant);

    /// <summary>The tenant's part, made where there is none. For the writer.</summary>
    public TenantPart PartOf(TenantId tenant) =>
        _parts.TryGetValue(tenant, out var part) ? part : _parts.GetOrAdd(tenant, new TenantPart(tenant, new TenantHead(resources, partition.Value)));

    /// <summary>Until <see cref="EndRecovery"/> records are applied by a lane, beside the reading of the journal.</summary>
    public void BeginRecovery(RecoveryLanes lanes) => _lanes = lanes;

    /// <summary>The lanes have finished: from now on records are applied at once.</summary>
    public void EndRecovery() => _lanes = null;

    /// <inheritdoc/>
    public void Apply(long seq, RecordKind kind, ReadOnlySpan<byte> payload)
    {
        if (_lanes is { } lanes)
        {
            lanes.Add(this, seq, kind, payload);
        }
        else
        {
            ApplyNow(seq, kind, payload);
        }
    }

    /// <summary>Applies a record, on the one thread that writes the partition now.</summary>
    public void ApplyNow(long seq, RecordKind kind, ReadOnlySpan<byte> payload)
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

    /// <inheritdoc/>
    public void Load(CheckpointReader checkpoint)
    {
        Span<byte> name = stackalloc byte[byte.MaxValue];
        Span<byte> start = stackalloc byte[2];
        while (checkpoint.NextSection())
        {
            checkpoint.ReadExactly(start);
            if (start[0] != SectionVersion)
            {
                throw new LogCorruptException($"checkpoint of partition {partition}: section version {start[0]}, this program knows {SectionVersion}");
            }

            var text = name[..start[1]];
            checkpoint.ReadExactly(text);
            if (!TenantId.TryParse(Encoding.UTF8.GetString(text), out var tenant, out var error))
            {
                throw new LogCorruptException($"checkpoint of partition {partition}: {error}");
            }

            try
            {
                _parts[tenant] = new TenantPart(tenant, TenantHead.ReadCheckpoint(resources, partition.Value, checkpoint.Read));
            }
            catch (HeadFormatException e)
            {
                throw new LogCorruptException($"checkpoint of partition {partition}, tenant {tenant}: {e.Message}");
            }
        }
    }

    /// <summary>Writes the applied state: a section a tenant with version, length of the name, name, head. For the writer.</summary>
    public void Save(CheckpointWriter checkpoint)
    {
        var section = 0u;
        foreach (var part in _parts.Values.OrderBy(static x => x.Tenant.Value, StringComparer.Ordinal))
        {
            var name = Encoding.UTF8.GetBytes(part.Tenant.Value);
            checkpoint.BeginSection(section++);
            checkpoint.Write([SectionVersion, (byte)name.Length]);
            checkpoint.Write(name);
            part.Head.WriteCheckpoint(checkpoint);
        }
    }

    /// <summary>A checkpoint has been taken, or has failed and is due again after as many bytes.</summary>
    public void CheckpointTried() => BytesSinceCheckpoint = 0;

    /// <summary>Forgets what the heads have staged and the log will not commit.</summary>
    public void DropStaged()
    {
        foreach (var part in _parts.Values)
        {
            part.Head.DropStaged();
        }
    }

    /// <inheritdoc/>
    public void Reset()
    {
        // Readers may be in the middle of them.
        var heads = _parts.Values.Select(static part => part.Head).ToList();
        _parts.Clear();
        _last = null;
        BytesSinceCheckpoint = 0;
        retire(heads);
    }

    /// <inheritdoc/>
    public void Closed(string reason) => LogClosed?.Invoke(reason);

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
