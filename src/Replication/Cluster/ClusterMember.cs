using System.Globalization;
using Deucalion.Common.Wire;
using Deucalion.Replication.Coordinator;
using Deucalion.Replication.Coordinator.Wire;
using Deucalion.Replication.Membership;
using Deucalion.Replication.PartitionLog;
using Deucalion.Replication.PartitionLog.Core;
using Deucalion.Replication.Transport;
using Microsoft.AspNetCore.Routing;

namespace Deucalion.Replication.Cluster;

/// <summary>
/// This node as a member of a cluster: the place it holds, what it knows of the others, the ways to them, and the coordinator where it is this node. The
/// one door through which roles see the cluster. Order: made, <see cref="Map"/>, <see cref="JoinAsync"/>; then logs are opened over <see cref="Links"/>; then
/// <see cref="Serve"/>. Disposed after the logs. Thread-safe.
/// </summary>
public sealed class ClusterMember : IAsyncDisposable
{
    // Longer than one hand-off may take.
    private static readonly TimeSpan NothingMoves = TimeSpan.FromSeconds(6);

    private readonly ClusterMemberParts _parts;
    private readonly ClusterModule _module;
    private readonly ReplicaStreams _streams;
    private readonly ReplicaEndpoint _endpoint;
    private Func<ReplicatedLogs?> _logs = static () => null;
    private int _disposed;

    /// <summary>Wires the parts; nothing is sent or read yet.</summary>
    public ClusterMember(ClusterMemberParts parts)
    {
        _parts = parts;
        Channels = new PeerChannels(ChannelOptions, parts.Time);
        _module = new ClusterModule(new ClusterModuleParts
        {
            Self = parts.Self,
            Store = parts.Store,
            Calls = (directory, service) => new ClusterCalls(Id(parts.Self.Id), directory, Channels, service),
            Actors = parts.Actors,
            Metrics = new ClusterMetrics(parts.Meters),
            Time = parts.Time,
            Loggers = parts.Loggers,
            Coordinator = new CoordinatorOptions { ReplaceAfter = parts.ReplaceAfter },
        });
        var transport = new TransportParts
        {
            Self = Id(parts.Self.Id),
            Directory = _module.Directory,
            Inbox = new ReplicaInbox(parts.Disk, parts.PartitionsDirectory, () => _logs()),
            ChannelOptions = ChannelOptions,
            Protocol = () => _module.Views.Current.Protocol,
            Disk = parts.Disk,
            Time = parts.Time,
            Random = new Random(),
            Metrics = new TransportMetrics(parts.Meters),
            Loggers = parts.Loggers,
        };
        _streams = new ReplicaStreams(transport);
        _endpoint = new ReplicaEndpoint(transport);
        _module.Views.Subscribe(Push);
    }

    /// <summary>This node, 32 hexadecimal digits.</summary>
    public string NodeId => _parts.Self.Id;

    /// <summary>What is known of the cluster.</summary>
    public IClusterViews Views => _module.Views;

    /// <summary>Ways to other nodes.</summary>
    public PeerChannels Channels { get; }

    /// <summary>What operators may want.</summary>
    public ClusterCommands Commands => _module.Commands;

    /// <summary>What this node's logs are connected with.</summary>
    public ReplicatedLogsLinks Links() => new(_parts.Store) { Learned = _module.Views.Learned, Transport = _streams, Reports = _module.Reports, Protocol = () => _module.Views.Current.Protocol };

    /// <summary>Maps the calls of other nodes.</summary>
    public void Map(IEndpointRouteBuilder endpoints)
    {
        _module.Map(endpoints);
        _endpoint.Map(endpoints);
    }

    /// <summary>Takes the place and reads the view. Throws where another process has the place, or the store cannot be reached.</summary>
    public Task JoinAsync(CancellationToken cancellationToken) => _module.JoinAsync(cancellationToken);

    /// <summary>From now on what others say goes to the logs that <paramref name="current"/> gives, and views too; they may be replaced by others.</summary>
    public void Attach(Func<ReplicatedLogs?> current) => _logs = current;

    /// <summary>The logs are open: this node may coordinate. Entries that the view knows already are told to the logs.</summary>
    public void Serve()
    {
        Push(_module.Views.Current);
        _module.Serve(_streams, new LocalReplicas(() => _logs()));
    }

    /// <summary>
    /// After <see cref="Serve"/>: completes once every node knows this one, so that it may be given partitions, and all replicas that it has brought along are
    /// in sync again. False: the patience ended before.
    /// </summary>
    public async Task<bool> CatchUpAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        var began = _parts.Time.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200), _parts.Time);
        while (!IsIn(_module.Views.Current))
        {
            if (_parts.Time.GetElapsedTime(began) > patience)
            {
                return false;
            }

            await timer.WaitForNextTickAsync(cancellationToken);
        }

        return true;
    }

    /// <summary>
    /// Before a restart, while this node still answers: the partitions that it leads go to other nodes, and other primaries do without its replicas, as far as
    /// others are enough. Returns when nothing is left of that, or when the patience ends.
    /// </summary>
    public async Task StandDownAsync(CancellationToken patience)
    {
        try
        {
            var announced = AnnounceAsync(patience);
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200), _parts.Time);
            var (left, since) = (int.MaxValue, _parts.Time.GetTimestamp());
            while (_logs()?.All.Count(static log => log.HandOff() || log.StandAside()) is > 0 and var now)
            {
                // Where all nodes stop at once nobody can take anything.
                (left, since) = now < left ? (now, _parts.Time.GetTimestamp()) : (left, since);
                if (_parts.Time.GetElapsedTime(since) > NothingMoves)
                {
                    break;
                }

                await timer.WaitForNextTickAsync(patience);
            }

            await Task.WhenAny(announced, Task.Delay(TimeSpan.FromSeconds(1), _parts.Time, patience));
        }
        catch (OperationCanceledException)
        {
            // Others take over when they miss this node.
        }
    }

    /// <summary>Ends all streams, stops coordinating, gives the place back.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _module.DisposeAsync();
        await _streams.DisposeAsync();
        Channels.Dispose();
    }

    /// <summary>Tells the coordinator: it must not give back for balance what is handed off.</summary>
    private async Task AnnounceAsync(CancellationToken patience)
    {
        try
        {
            await Commands.StandDownAsync(NodeId, patience);
        }
        catch (Exception exception) when (exception is WireException or OperationCanceledException)
        {
            // Without a coordinator nobody gives anything.
        }
    }

    private bool IsIn(ClusterView view) =>
        view.Find(NodeId) is { State: NodeState.Active or NodeState.Leaving }
        && !view.Entries.Any(item => item.Entry.Learners.Any(learner => learner.Node == NodeId));

    private static NodeId Id(string node) => new(UInt128.Parse(node, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));

    private WireClientOptions ChannelOptions(string node) => new()
    {
        Tls = _parts.Tls,
        KeepAlive = TimeSpan.FromSeconds(2),
        ConnectTimeout = TimeSpan.FromSeconds(2),
        NodeId = _parts.Self.Id,
        Protocol = ReplicaProtocol.Version,
        PeerNodeId = node,
        Metrics = _parts.WireMetrics,
        Time = _parts.Time,
    };

    private void Push(ClusterView view)
    {
        if (_logs() is not { } logs)
        {
            return;
        }

        foreach (var (partition, entry) in view.Entries)
        {
            logs.EntrySeen(partition, entry);
        }
    }
}
