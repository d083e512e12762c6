using System.Collections.Concurrent;
using Deucalion.Common.Wire;
using Deucalion.Replication.Coordinator.Wire;
using Deucalion.Replication.PartitionLog.Core;

namespace Deucalion.Replication.Tests.Coordinator;

/// <summary>Calls between the nodes of a test. Pairs of nodes can be cut off from each other.</summary>
internal sealed class MemoryNetwork
{
    private readonly ConcurrentDictionary<NodeId, ClusterService> _services = [];
    private readonly ConcurrentDictionary<(NodeId, NodeId), bool> _cuts = [];
    private int _underWay;

    /// <summary>Calls that have not ended.</summary>
    public int UnderWay => Volatile.Read(ref _underWay);

    public void Join(NodeId node, ClusterService service) => _services[node] = service;

    public void Cut(NodeId one, NodeId other)
    {
        _cuts[(one, other)] = true;
        _cuts[(other, one)] = true;
    }

    public void Heal(NodeId one, NodeId other)
    {
        _cuts.TryRemove((one, other), out _);
        _cuts.TryRemove((other, one), out _);
    }

    public IClusterCalls From(NodeId node) => new Calls(this, node);

    private sealed class Calls(MemoryNetwork network, NodeId self) : IClusterCalls
    {
        public async ValueTask<ReadOnlyMemory<byte>> CallAsync(
            NodeId to, string method, ReadOnlyMemory<byte> question, TimeSpan deadline, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref network._underWay);
            try
            {
                await Task.Yield();
                return network._cuts.ContainsKey((self, to)) || !network._services.TryGetValue(to, out var service)
                    ? throw new WireException(WireStatus.Unavailable, $"node {to} cannot be reached") { IsUnsent = true }
                    : await service.AnswerAsync(self, method, question.ToArray(), cancellationToken);
            }
            finally
            {
                Interlocked.Decrement(ref network._underWay);
            }
        }
    }
}
