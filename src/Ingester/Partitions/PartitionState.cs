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
    // Sections of heads, and behind them those of deletions, where there are any.
    private const byte SectionVersion = 1;
    private const byte DeletionVersion = 2;

    private readonly ConcurrentDictionary<TenantId, TenantPart> _parts = new();
    private readonly ConcurrentDictionary<TenantId, PendingDeletion> _deletions = new();
    private TenantPart? _last;
    private RecoveryLanes? _lanes;
    private volatile string? _damage;

    /// <summary>The partition.</summary>
    public PartitionId Partition => partition;

    /// <summary>The tenants' parts. Any thread.</summary>
    public IEnumerable<TenantPart> Parts => _parts.Values;

    /// <summary>Deletions that manifests are not known to show yet. Any thread.</summary>
    public IEnumerable<PendingDeletion> Deletions => _deletions.Values;

    /// <inheritdoc/>
    public string? Damage => _damage;

    /// <summary>Bytes of records applied since the last checkpoint was tried.</summary>
    public long BytesSinceCheckpoint { get; private set; }

    /// <summary>Called, on any thread, when the log has news; set before the actor's first message.</summary>
    public Action? Progressed { get; set; }

    /// <summary>Called on the mailbox when the log takes no more appends.</summary>
    public Action<string>? LogClosed { get; set; }

    /// <summary>The tenant's part, or null where it has none. Any thread.</summary>
    public TenantPart? Find(TenantId tenant) => _parts.GetValueOrDefault(tenant);

    /// <summary>
    /// The tenant's last deletion while the manifest is not known to show it, or null. Until then no block of the tenant may be listed: the deletion takes all that
    /// are. Any thread.
    /// </summary>
    public PendingDeletion? DeletionOf(TenantId tenant) => _deletions.GetValueOrDefault(tenant);

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
            if (kind == RecordKind.Delete)
            {
                ApplyDeletion(seq, payload);
                return;
            }

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
            if (start[0] is not (SectionVersion or DeletionVersion))
            {
                throw new LogCorruptException($"checkpoint of partition {partition}: section version {start[0]}, this program knows {SectionVersion} and {DeletionVersion}");
            }

            var text = name[..start[1]];
            checkpoint.ReadExactly(text);
            if (!TenantId.TryParse(Encoding.UTF8.GetString(text), out var tenant, out var error))
            {
                throw new LogCorruptException($"checkpoint of partition {partition}: {error}");
            }

            if (start[0] == DeletionVersion)
            {
                _deletions[tenant] = PendingDeletion.Read(tenant, checkpoint.ReadExactly);
                continue;
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

    /// <summary>
    /// Writes the applied state: a section a tenant with version, length of the name, name, head; then one for each pending deletion. For the writer.
    /// </summary>
    public void Save(CheckpointWriter checkpoint)
    {
        var section = 0u;
        foreach (var part in _parts.Values.OrderBy(static x => x.Tenant.Value, StringComparer.Ordinal))
        {
            BeginSection(checkpoint, section++, SectionVersion, part.Tenant);
            part.Head.WriteCheckpoint(checkpoint);
        }

        foreach (var deletion in _deletions.Values.OrderBy(static x => x.Tenant.Value, StringComparer.Ordinal))
        {
            BeginSection(checkpoint, section++, DeletionVersion, deletion.Tenant);
            deletion.Write(checkpoint);
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
        heads.ForEach(static head => head.Discard());
        _parts.Clear();
        _deletions.Clear();
        _last = null;
        BytesSinceCheckpoint = 0;
        _damage = null;
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

    private static void BeginSection(CheckpointWriter checkpoint, uint section, byte version, TenantId tenant)
    {
        var name = Encoding.UTF8.GetBytes(tenant.Value);
        checkpoint.BeginSection(section);
        checkpoint.Write([version, (byte)name.Length]);
        checkpoint.Write(name);
    }

    private void ApplyDeletion(long seq, ReadOnlySpan<byte> payload)
    {
        if (!TenantPart.TryReadPrefix(payload, out var tenant, out var length))
        {
            throw new HeadFormatException("the record names no tenant");
        }

        var (isShown, ulid, at) = DeletionRecord.Read(payload[length..]);
        if (!isShown)
        {
            // Before there can be a generation of what comes later: its block waits until the manifest shows the deletion.
            _deletions[tenant] = new PendingDeletion(tenant, ulid, seq);
            var old = Find(tenant);
            _parts[tenant] = new TenantPart(tenant, new TenantHead(resources, partition.Value));
            _last = null;
            if (old is not null)
            {
                old.Head.Discard();
                retire([old.Head]);
            }
        }
        else if (DeletionOf(tenant)?.Ulid == ulid)
        {
            PartOf(tenant).Head.NameDeletion(ulid, at);
            _deletions.TryRemove(tenant, out _);
        }
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
