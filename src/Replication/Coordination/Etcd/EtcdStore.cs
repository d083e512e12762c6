using System.Runtime.CompilerServices;
using Deucalion.Common.Wire;
using Deucalion.Replication.Coordination.Etcd.Messages;
using Google.Protobuf;
using Microsoft.Extensions.Logging;

namespace Deucalion.Replication.Coordination.Etcd;

/// <summary>
/// The coordination store over etcd 3.4 or later. Revisions are etcd's; leases are keys that etcd removes with the time to live of their holder. Reads
/// are linearizable. Disposing closes the connections and releases nothing: leases that are held are lost, and end in etcd by their time to live.
/// Format: docs/formats/coordination.md.
/// </summary>
public sealed class EtcdStore : ICoordinationStore, IDisposable
{
    private const string LeasePrefix = "leases/";

    private readonly EtcdClient _client;
    private readonly EtcdKeys _keys;
    private readonly TimeProvider _time;
    private readonly EtcdMetrics _metrics;
    private readonly ILogger<EtcdStore> _logger;
    private readonly CancellationTokenSource _closed = new();

    /// <summary>A store; does not connect yet.</summary>
    public EtcdStore(EtcdStoreOptions options, TimeProvider time, EtcdMetrics metrics, WireMetrics wireMetrics, ILogger<EtcdStore> logger)
    {
        _keys = new EtcdKeys(options.KeyPrefix);
        _time = time;
        _metrics = metrics;
        _logger = logger;
        _client = new EtcdClient(options, time, metrics, wireMetrics);
    }

    /// <inheritdoc/>
    public TimeSpan CoordinatorTimeToLive => TimeSpan.FromSeconds(6);

    /// <inheritdoc/>
    public async ValueTask<CoordinationEntry?> GetAsync(string key, CancellationToken cancellationToken)
    {
        var answer = await RangeAsync(new RangeRequest { Key = _keys.Key(key) }, cancellationToken);
        return answer.Kvs.Count == 0 ? null : _keys.EntryOf(answer.Kvs[0]);
    }

    /// <inheritdoc/>
    public async ValueTask<string?> PutIfAsync(string key, ReadOnlyMemory<byte> value, string? ifRevision, CancellationToken cancellationToken)
    {
        if (Condition(_keys.Key(key), ifRevision) is not { } condition)
        {
            return null;
        }

        // The memory is only read while the request is written.
        var put = new PutRequest { Key = condition.Key, Value = UnsafeByteOperations.UnsafeWrap(value) };
        var answer = await TransactAsync(condition, new RequestOp { RequestPut = put }, cancellationToken);
        return answer.Succeeded ? EtcdKeys.Revision(EtcdKeys.RevisionOf(answer.Header)) : null;
    }

    /// <inheritdoc/>
    public async ValueTask<bool> DeleteIfAsync(string key, string ifRevision, CancellationToken cancellationToken) =>
        Condition(_keys.Key(key), ifRevision) is { } condition
        && (await TransactAsync(condition, new RequestOp { RequestDeleteRange = new DeleteRangeRequest { Key = condition.Key } }, cancellationToken)).Succeeded;

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<CoordinationEntry>> ListAsync(string prefix, CancellationToken cancellationToken)
    {
        var (start, end) = _keys.Range(prefix);
        var answer = await RangeAsync(new RangeRequest { Key = start, RangeEnd = end }, cancellationToken);
        return [.. answer.Kvs.Select(_keys.EntryOf)];
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<CoordinationChange> WatchAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closed.Token);
        await using var watch = new EtcdWatch(_client, _keys, prefix, _time, _metrics, _logger);
        while (true)
        {
            foreach (var change in await watch.NextAsync(ended.Token))
            {
                yield return change;
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask<ICoordinationLease?> TryAcquireLeaseAsync(string name, string owner, TimeSpan timeToLive, CancellationToken cancellationToken)
    {
        var key = _keys.Key(LeasePrefix + name);

        // Those who wait only read.
        if ((await RangeAsync(new RangeRequest { Key = key }, cancellationToken)).Kvs.Count > 0)
        {
            return null;
        }

        // Until it is kept alive it ends by itself, whatever becomes of the calls below.
        var asked = _time.GetTimestamp();
        var granted = await _client.ReadAsync(
            "/etcdserverpb.Lease/LeaseGrant", new LeaseGrantRequest { TTL = (long)Math.Ceiling(timeToLive.TotalSeconds) }, LeaseGrantResponse.Parser, cancellationToken);
        if (granted.ID == 0 || granted.TTL is <= 0 or > EtcdLease.LongestSeconds)
        {
            throw new CoordinationException($"etcd grants no lease: {granted.Error}", null);
        }

        var put = new PutRequest { Key = key, Value = EtcdLeaseDocument.Serialize(owner), Lease = granted.ID };
        var answer = await TransactAsync(Condition(key, null)!, new RequestOp { RequestPut = put }, cancellationToken);
        if (!answer.Succeeded)
        {
            await _client.TryRevokeAsync(granted.ID, cancellationToken);
            return null;
        }

        return new EtcdLease(
            _client, name, key, granted.ID, EtcdKeys.RevisionOf(answer.Header), TimeSpan.FromSeconds(granted.TTL), asked, _time, _metrics, _logger, _closed.Token);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<LeaseSight>> LeasesAsync(string prefix, CancellationToken cancellationToken)
    {
        var (start, end) = _keys.Range(LeasePrefix + prefix);
        var answer = await RangeAsync(new RangeRequest { Key = start, RangeEnd = end }, cancellationToken);
        return [.. answer.Kvs.Select(pair => new LeaseSight(_keys.NameOf(pair, LeasePrefix), EtcdLeaseDocument.OwnerOf(pair), pair.CreateRevision, IsAlive: true))];
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose()
    {
        _closed.Cancel();
        _client.Dispose();
    }

    /// <summary>The condition that a key has that revision (null: is absent); null where it cannot hold.</summary>
    private static Compare? Condition(ByteString key, string? revision)
    {
        if (revision is null)
        {
            return new Compare { Key = key, Target = Compare.Types.Target.Create, CreateRevision = 0 };
        }

        return EtcdKeys.Revision(revision) is { } number ? new Compare { Key = key, Target = Compare.Types.Target.Mod, ModRevision = number } : null;
    }

    private ValueTask<RangeResponse> RangeAsync(RangeRequest request, CancellationToken cancellationToken) =>
        _client.ReadAsync("/etcdserverpb.KV/Range", request, RangeResponse.Parser, cancellationToken);

    private ValueTask<TxnResponse> TransactAsync(Compare condition, RequestOp success, CancellationToken cancellationToken) =>
        _client.WriteAsync("/etcdserverpb.KV/Txn", new TxnRequest { Compare = { condition }, Success = { success } }, TxnResponse.Parser, cancellationToken);
}
