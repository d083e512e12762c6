using System.Collections.Concurrent;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.Coordinator;
using Deucalion.Replication.Coordinator.Wire;
using Deucalion.Replication.Membership;
using Deucalion.Replication.PartitionLog.Core;
using Deucalion.Replication.Tests.Membership;
using Deucalion.Testing;
using Deucalion.Testing.Processes;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Deucalion.Replication.Tests.Coordinator;

public sealed class ViewSyncTests
{
    private readonly ManualTime _time = new();
    private readonly CoordinatorOptions _options = new();
    private readonly HangingStore _store = new(new MemoryStore().Open());
    private readonly RecordedCalls _calls = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AsksACoordinatorThatPushed_WhileTheStoreDoesNotAnswer()
    {
        var views = new ClusterViews(TestNodes.Reader(_store, _time), TestNodes.Metrics(), _time);
        var membership = new NodeMembership(
            _store, TestNodes.Record(1), new MembershipOptions(), TestNodes.Metrics(), _time, NullLogger<NodeMembership>.Instance);
        await using var sync = new ViewSync(_calls, views, membership, _options, _time, NullLogger<ViewSync>.Instance);
        await sync.StartAsync(Token);
        _store.Hangs = true;
        _time.Advance(_options.ReadViewEvery);
        await UntilAsync(() => _store.Hanging == 1, "the store is read");

        views.Apply(Update(2), asOf: null);
        _time.Advance(_options.SyncEvery);
        await UntilAsync(() => _calls.Asked.Contains(TestNodes.Id(2)), "the coordinator is asked");
        await UntilAsync(() => sync.Silence == TimeSpan.Zero, "it is heard");
    }

    private static ViewUpdate Update(int node) => new() { Coordinator = TestNodes.Name(node), Token = 1, Since = 0, Seq = 1, Entries = [] };

    private static Task UntilAsync(Func<bool> condition, string what) =>
        Eventually.TrueAsync(() => Task.FromResult(condition()), TimeSpan.FromSeconds(10), () => what);

    private sealed class RecordedCalls : IClusterCalls
    {
        public ConcurrentQueue<NodeId> Asked { get; } = [];

        public ValueTask<ReadOnlyMemory<byte>> CallAsync(
            NodeId to, string method, ReadOnlyMemory<byte> question, TimeSpan deadline, CancellationToken cancellationToken)
        {
            Asked.Enqueue(to);
            return ValueTask.FromResult(ClusterJson.Write(Update(2)));
        }
    }

    /// <summary>A store whose leases cannot be read at times: the answer does not come.</summary>
    private sealed class HangingStore(ICoordinationStore inner) : ICoordinationStore
    {
        private int _hanging;

        public bool Hangs { get; set; }

        public int Hanging => Volatile.Read(ref _hanging);

        public ValueTask<CoordinationEntry?> GetAsync(string key, CancellationToken cancellationToken) => inner.GetAsync(key, cancellationToken);

        public ValueTask<string?> PutIfAsync(string key, ReadOnlyMemory<byte> value, string? ifRevision, CancellationToken cancellationToken) =>
            inner.PutIfAsync(key, value, ifRevision, cancellationToken);

        public ValueTask<bool> DeleteIfAsync(string key, string ifRevision, CancellationToken cancellationToken) => inner.DeleteIfAsync(key, ifRevision, cancellationToken);

        public ValueTask<IReadOnlyList<CoordinationEntry>> ListAsync(string prefix, CancellationToken cancellationToken) => inner.ListAsync(prefix, cancellationToken);

        public IAsyncEnumerable<CoordinationChange> WatchAsync(string prefix, CancellationToken cancellationToken) => inner.WatchAsync(prefix, cancellationToken);

        public ValueTask<ICoordinationLease?> TryAcquireLeaseAsync(string name, string owner, TimeSpan timeToLive, CancellationToken cancellationToken) =>
            inner.TryAcquireLeaseAsync(name, owner, timeToLive, cancellationToken);

        public async ValueTask<IReadOnlyList<LeaseSight>> LeasesAsync(string prefix, CancellationToken cancellationToken)
        {
            if (Hangs)
            {
                Interlocked.Increment(ref _hanging);
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }

            return await inner.LeasesAsync(prefix, cancellationToken);
        }
    }
}
