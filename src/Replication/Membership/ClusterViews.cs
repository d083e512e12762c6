using System.Collections.Immutable;
using Deucalion.Common.Identifiers;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.PartitionLog.Core;
using Deucalion.Replication.Transport;

namespace Deucalion.Replication.Membership;

/// <summary>
/// Puts together what a coordinator tells, what the store says and what this node's own replicas learn. Entries only go forward. Nodes come from the last
/// list of a coordinator and from the last reading of the store, whichever is certainly newer; of both, where neither is: a node too many does
/// no harm, one too few would.
/// </summary>
internal sealed class ClusterViews : IClusterViews, INodeDirectory
{
    private readonly ClusterStoreReader _reader;
    private readonly ClusterMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly FreshReading _readings = new();
    private readonly ViewSubscribers _subscribers = new();
    private readonly EntryNews _news;
    private readonly Dictionary<NodeId, string> _addresses = [];
    private ImmutableDictionary<PartitionId, PartitionEntry> _entries = ImmutableDictionary<PartitionId, PartitionEntry>.Empty;
    private IReadOnlyList<NodeSight> _told = [];
    private IReadOnlyList<NodeSight> _read = [];
    private CoordinatorSight? _coordinator;
    private ViewPosition _position;
    private long _nodesSeq;
    private long _toldAt;
    private long _readAt;
    private bool _wantsNodes;
    private volatile ClusterView _current;

    /// <summary>A view of nothing, which is as old as can be.</summary>
    public ClusterViews(ClusterStoreReader reader, ClusterMetrics metrics, TimeProvider time)
    {
        _reader = reader;
        _metrics = metrics;
        _time = time;
        _news = new EntryNews(time);

        // Before the clock's own beginning, whatever that is.
        _readAt = _toldAt = time.GetTimestamp() - (time.TimestampFrequency * 86400);
        _current = new ClusterView(0, [], _entries, null, time.GetUtcNow() - TimeSpan.FromDays(1), _readAt);
        metrics.ViewAge(() => _current.Age(time));
        metrics.Protocol(() => _current.Protocol);
    }

    /// <inheritdoc/>
    public ClusterView Current => _current;

    /// <summary>Who coordinates, as far as is known.</summary>
    public CoordinatorSight? Coordinator
    {
        get
        {
            lock (_lock)
            {
                return _coordinator;
            }
        }
    }

    /// <summary>Called when an entry waits to be told to the coordinator. Must not block.</summary>
    public Action? Untold { get; set; }

    /// <inheritdoc/>
    public void Subscribe(Action<ClusterView> changed) => _subscribers.Add(changed, _current);

    /// <inheritdoc/>
    public string? AddressOf(NodeId node)
    {
        lock (_lock)
        {
            return _addresses.GetValueOrDefault(node);
        }
    }

    /// <inheritdoc/>
    public void Learned(PartitionId partition, PartitionEntry entry)
    {
        lock (_lock)
        {
            // Also an entry that a reading of the store has shown already may be news to the coordinator.
            var isNew = TakeEntry(partition, entry);
            if (_entries[partition].Version > entry.Version || (!_news.Add(partition, entry) && !isNew))
            {
                return;
            }

            if (isNew)
            {
                Publish();
            }
        }

        _subscribers.Tell(_current);
        Untold?.Invoke();
    }

    /// <inheritdoc/>
    public async Task<ClusterView> RefreshAsync(CancellationToken cancellationToken)
    {
        await _readings.ReadAsync(ReadAsync).WaitAsync(cancellationToken);
        return _current;
    }

    /// <summary>
    /// What the coordinator is to be asked for: everything after this, all nodes even if nothing changed about them, and what it may not know. The position
    /// stays what it was however often the store is read: a node that reads all the time would otherwise never be known to be up to date.
    /// </summary>
    public (ViewPosition Position, bool WantsNodes, IReadOnlyList<EntrySight> Untold) Question()
    {
        lock (_lock)
        {
            return (_position, _wantsNodes, _news.Untold);
        }
    }

    /// <summary>
    /// Takes what a coordinator told. <paramref name="asOf"/>: a timestamp at which it was so or later; null: not known. Returns the position of this view
    /// with that coordinator.
    /// </summary>
    public ViewPosition Apply(ViewUpdate update, long? asOf)
    {
        ViewPosition position;
        lock (_lock)
        {
            // An earlier coordinator does not count any more; of one not heard of before everything is needed first.
            var changed = update.Token >= (_coordinator?.Token ?? 0) && (update.Token == _position.Token || update.Since == 0) && TakeNodes(update, asOf);
            foreach (var sight in update.Entries)
            {
                var partition = new PartitionId(sight.Partition);
                changed |= TakeEntry(partition, sight.Entry);
                _news.Knows(sight, update.Token);
            }

            if (changed)
            {
                Publish();
            }

            position = _position;
        }

        _subscribers.Tell(_current);
        return position;
    }

    /// <summary>The coordinator of that token has these entries now: it need not be told again.</summary>
    public void Told(IReadOnlyList<EntrySight> entries, long token)
    {
        lock (_lock)
        {
            foreach (var sight in entries)
            {
                _news.Knows(sight, token);
            }
        }
    }

    private async Task ReadAsync()
    {
        var reading = await _reader.ReadAsync(CancellationToken.None);
        _metrics.ViewRefreshed();
        lock (_lock)
        {
            TakeReading(reading);
        }

        _subscribers.Tell(_current);
    }

    private void TakeReading(ClusterStoreReading reading)
    {
        foreach (var (partition, entry) in reading.Entries)
        {
            // Whoever wrote it may have died before it told the coordinator, which reads the whole table seldom.
            if (TakeEntry(partition, entry) && _position.Token != 0)
            {
                _news.Add(partition, entry);
            }
        }

        _read = reading.Nodes;
        _readAt = Math.Max(_readAt, reading.BeganAt);
        if (_toldAt < reading.BeganAt)
        {
            _told = [];
        }

        if (reading.Coordinator is { } lease && lease.FencingToken >= (_coordinator?.Token ?? 0))
        {
            _coordinator = new CoordinatorSight(lease.Owner, lease.FencingToken, lease.IsAlive);
        }

        // The coordinator tells changes only, and may hold other things of the nodes for true than the store did.
        _wantsNodes = true;
        Publish();
    }

    private bool TakeNodes(ViewUpdate update, long? asOf)
    {
        var changed = _coordinator?.Id != update.Coordinator;
        _coordinator = new CoordinatorSight(update.Coordinator, update.Token, IsAlive: true);
        if (update.Token != _position.Token)
        {
            _position = new ViewPosition(update.Token, 0);
            _nodesSeq = 0;
            _news.Begin(update.Token);
        }

        if (update.Nodes is { } nodes && (update.Seq > _nodesSeq || _told.Count == 0))
        {
            _nodesSeq = update.Seq;
            _told = nodes;
            _toldAt = _time.GetTimestamp();
            changed = true;
        }

        if (update.Since <= _position.Seq)
        {
            _position = _position with { Seq = Math.Max(_position.Seq, update.Seq) };
        }

        if (asOf is { } time && time > _readAt && (update.Nodes is not null || !_wantsNodes))
        {
            _readAt = time;
            _wantsNodes = false;
            if (update.Nodes is not null)
            {
                changed |= _read.Count > 0;
                _read = [];
            }

            if (!changed)
            {
                _current = _current.As(WallClock(_readAt), _readAt);
            }
        }

        return changed;
    }

    private bool TakeEntry(PartitionId partition, PartitionEntry entry)
    {
        if (_entries.TryGetValue(partition, out var known) && known.Version >= entry.Version)
        {
            return false;
        }

        _entries = _entries.SetItem(partition, entry);
        return true;
    }

    private void Publish()
    {
        var nodes = new SortedDictionary<string, NodeSight>(StringComparer.Ordinal);
        foreach (var sight in _read.Concat(_told))
        {
            if (nodes.TryGetValue(sight.Record.Id, out var other))
            {
                var record = other.Record.Lease > sight.Record.Lease ? other.Record : sight.Record;
                nodes[sight.Record.Id] = new NodeSight(record, sight.IsAlive || other.IsAlive);
            }
            else
            {
                nodes.Add(sight.Record.Id, sight);
            }
        }

        foreach (var sight in nodes.Values)
        {
            // Of dead nodes too: who lost its lease may be there still, and its replicas talk on.
            _addresses[new NodeId(UInt128.Parse(sight.Record.Id, System.Globalization.NumberStyles.AllowHexSpecifier, null))] = sight.Record.Address;
        }

        var byLease = nodes.Values.ToLookup(static sight => sight.IsAlive, static sight => sight.Record);
        _current = new ClusterView(_current.Version + 1, [.. byLease[true]], _entries, _coordinator?.Id, WallClock(_readAt), _readAt, byLease[false]);
    }

    private DateTimeOffset WallClock(long timestamp) => _time.GetUtcNow() - _time.GetElapsedTime(timestamp);
}
