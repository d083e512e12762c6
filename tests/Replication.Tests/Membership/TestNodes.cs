using Deucalion.Common.Telemetry;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.Membership;
using Deucalion.Replication.PartitionLog.Core;
using Deucalion.Replication.Transport;
using Deucalion.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Deucalion.Replication.Tests.Membership;

/// <summary>Names, records and entries for tests.</summary>
internal static class TestNodes
{
    public static string Name(int node) => ReplicaProtocol.NameOf(Id(node));

    public static NodeId Id(int node) => new((UInt128)node);

    public static NodeRecord Record(int node, string? zone = null, NodeState state = NodeState.Joining, long lease = 0) =>
        new(Name(node), $"10.0.0.{node}:9095", $"10.0.0.{node}:9090", zone ?? $"z{node % 3}", [NodeRecord.Ingester, "querier"], state, 1, "0.2.0") { Lease = lease };

    public static PartitionEntry Entry(long version, int rf, params int[] inSync) => new TableEntry
    {
        Term = 1,
        Version = version,
        ReplicationFactor = rf,
        MinInSync = (rf / 2) + 1,
        Primary = Id(inSync[0]),
        InSync = [.. inSync.Select(static node => new ReplicaId(Id(node), 1))],
        Learners = [],
    }.ToDocument();

    public static ClusterMetrics Metrics() => new(new MeterFactory());

    public static ClusterStoreReader Reader(ICoordinationStore store, TimeProvider time) =>
        new(store, Metrics(), time, NullLogger<ClusterStoreReader>.Instance);

    /// <summary>Waits for a condition while the clock goes on, up to a time on that clock.</summary>
    public static async Task UntilAsync(this ManualTime time, Func<bool> condition, double seconds, string what)
    {
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        for (var waited = 0.0; !condition(); waited += 0.1)
        {
            Assert.True(waited < seconds, $"not within {seconds} s: {what}");
            time.Advance(TimeSpan.FromMilliseconds(100));
            await pause.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Lets the clock go on.</summary>
    public static async Task PassAsync(this ManualTime time, double seconds, Action? each = null)
    {
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        for (var passed = 0.0; passed < seconds; passed += 0.1)
        {
            time.Advance(TimeSpan.FromMilliseconds(100));
            await pause.WaitForNextTickAsync(TestContext.Current.CancellationToken);
            each?.Invoke();
        }
    }
}
