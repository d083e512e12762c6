using System.Collections.Concurrent;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Wire;
using Deucalion.Replication.PartitionLog.Core;
using Deucalion.Replication.Transport;
using Deucalion.Testing.Processes;
using Deucalion.Testing.Wire;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging.Abstractions;
using Testing.Disk;
using Testing.Telemetry;

namespace Deucalion.Replication.Tests.Transport;

/// <summary>Both sides of the transport of one node, over loopback, with an inbox that keeps what arrives.</summary>
internal sealed class TransportNode : IReplicaInbox, INodeDirectory, IAsyncDisposable
{
    private const string Incoming = "/incoming";

    private readonly List<(NodeId From, int Partition, ReplicaMessage Message)> _received = [];
    private LoopbackNode _server = null!;

    private TransportNode(int number)
    {
        Id = new NodeId(new UInt128(0xABCD, (ulong)number));
        Disk = new SimulatedDisk(number);
        Disk.CreateDirectory(Incoming);
    }

    public NodeId Id { get; }

    public string Name => ReplicaProtocol.NameOf(Id);

    public SimulatedDisk Disk { get; }

    public TestMeterFactory Meters { get; } = new();

    /// <summary>Where this node believes others to be.</summary>
    public ConcurrentDictionary<NodeId, string> Addresses { get; } = [];

    public ConcurrentQueue<(NodeId From, int Partition, long Term, string Path)> Checkpoints { get; } = [];

    public ReplicaStreams Streams { get; private set; } = null!;

    public LoopbackNode Server => _server;

    /// <summary>Maps what the node serves.</summary>
    public Action<IEndpointRouteBuilder> Map { get; private set; } = null!;

    /// <summary>Version of the protocol that this node believes to be in effect.</summary>
    public int Protocol { get; set; } = ReplicaProtocol.Version;

    /// <summary>From which version on it sends a message.</summary>
    public Func<ReplicaMessage, int> SentSince { get; set; } = ReplicaMessageKinds.SentSince;

    public static async Task<TransportNode> StartAsync(int number, TransportOptions? options = null)
    {
        var node = new TransportNode(number);
        var parts = new TransportParts
        {
            Self = node.Id,
            Directory = node,
            Inbox = node,
            ChannelOptions = to => LoopbackNode.Options(node.Name, to),
            Disk = node.Disk,
            Protocol = () => node.Protocol,
            SentSince = message => node.SentSince(message),
            Time = TimeProvider.System,
            Random = new Random(number),
            Metrics = new TransportMetrics(node.Meters),
            Loggers = NullLoggerFactory.Instance,
            Options = options ?? new TransportOptions(),
        };
        node.Streams = new ReplicaStreams(parts);
        node.Map = new ReplicaEndpoint(parts).Map;
        node._server = await LoopbackNode.StartAsync(node.Name, node.Map);
        return node;
    }

    /// <summary>Tells the node where others are.</summary>
    public TransportNode Knows(params TransportNode[] others)
    {
        foreach (var other in others)
        {
            Addresses[other.Id] = other.Server.Address;
        }

        return this;
    }

    public List<(NodeId From, int Partition, ReplicaMessage Message)> Received()
    {
        lock (_received)
        {
            return [.. _received];
        }
    }

    public Task ReceivedAsync(int count) => Eventually.TrueAsync(
        () => Task.FromResult(Received().Count >= count), TimeSpan.FromSeconds(30), () => $"{Received().Count} of {count} messages have come");

    public Task CountedAsync(string metric, double atLeast) => Eventually.TrueAsync(
        () => Task.FromResult(Meters.Sum(metric) >= atLeast), TimeSpan.FromSeconds(30), () => $"{metric} is {Meters.Sum(metric)}");

    public WireChannel ChannelTo(TransportNode other) => new(other.Server.Address, LoopbackNode.Options(Name, other.Name));

    public IReadOnlyList<string> IncomingFiles() => [.. Disk.List(Incoming).Select(static x => x.Name)];

    public byte[] Read(string path)
    {
        using var file = Disk.OpenRead(path);
        var bytes = new byte[file.Length];
        file.Read(0, bytes);
        return bytes;
    }

    void IReplicaInbox.Receive(NodeId from, PartitionId partition, ReplicaMessage message)
    {
        lock (_received)
        {
            _received.Add((from, partition.Value, message));
        }
    }

    string IReplicaInbox.IncomingCheckpointPath(PartitionId partition) => $"{Incoming}/{partition}.checkpoint";

    void IReplicaInbox.CheckpointReceived(NodeId from, PartitionId partition, long term, string path) => Checkpoints.Enqueue((from, partition.Value, term, path));

    string? INodeDirectory.AddressOf(NodeId node) => Addresses.GetValueOrDefault(node);

    public async ValueTask DisposeAsync()
    {
        await Streams.DisposeAsync();
        await _server.DisposeAsync();
        Meters.Dispose();
    }
}
