namespace Deucalion.Replication.Coordinator.Balance;

/// <summary>Replicas on nodes, for the <see cref="Leveller"/>: what costs is a transfer to where no replica is yet that was not due before.</summary>
internal sealed class ReplicaLevels : ILevelled
{
    private const int Transfer = 16;
    private const int HandOff = 1;
    private const int Unsettled = 4;

    private readonly TargetPlacement _target;
    private readonly bool _onlyNew;
    private readonly bool[] _isHealthy;
    private readonly bool[] _isSettled;

    public ReplicaLevels(TargetPlacement target, bool onlyNew)
    {
        _target = target;
        _onlyNew = onlyNew;
        _isHealthy = new bool[target.Partitions.Count];
        _isSettled = new bool[target.Partitions.Count];
        for (var i = 0; i < _isHealthy.Length; i++)
        {
            var (_, entry, wanted, _) = target.Partitions[i];
            _isHealthy[i] = entry.InSync.Length >= wanted.ReplicationFactor
                && entry.InSync.All(replica => target.Nodes[target.NumberOf(replica.Node)].IsAlive);
            _isSettled[i] = true;
            foreach (var node in target.ReplicasOf(i))
            {
                _isSettled[i] &= target.HasNow(i, node);
            }
        }
    }

    public int Nodes => _target.Nodes.Length;

    public int Load(int node) => _target.Load(node);

    public bool Gives(int node) => _target.Nodes[node].Takes;

    public bool Takes(int node) => _target.Nodes[node].Takes;

    public void Offer(int from, Span<Carry?> to)
    {
        to.Clear();
        foreach (var partition in _target.PartitionsOn(from))
        {
            if (_target.Partitions[partition].Move is not null)
            {
                continue;
            }

            var crowds = _target.Crowds(partition);
            for (var node = 0; node < to.Length; node++)
            {
                if (Takes(node) && (_target.ShareZone(from, node) || crowds[_target.ZoneOf(from)] > crowds[_target.ZoneOf(node)])
                    && !_target.Has(partition, node) && IsFree(partition, from, node)
                    && Cost(partition, from, node) is var cost && (to[node] is not { } best || cost < best.Cost))
                {
                    to[node] = new Carry(partition, cost);
                }
            }
        }
    }

    public bool Allows(int item, int from, int to) =>
        _target.Has(item, from) && !_target.Has(item, to) && IsFree(item, from, to) && _target.KeepsSpread(item, from, to);

    public void Move(int item, int from, int to)
    {
        _target.Remove(item, from);
        _target.Add(item, to);
    }

    private bool IsFree(int partition, int from, int to) =>
        _target.Partitions[partition].Move is null
        && (!IsTransfer(partition, from, to) || (!_onlyNew && _isHealthy[partition]));

    private bool IsTransfer(int partition, int from, int to) => _target.HasNow(partition, from) && !_target.HasNow(partition, to);

    private int Cost(int partition, int from, int to) =>
        !IsTransfer(partition, from, to)
            ? 0
            : Transfer
                + (_target.Partitions[partition].Entry.Primary == _target.Nodes[from].Id ? HandOff : 0)
                + (_isSettled[partition] ? 0 : Unsettled);
}
