using Deucalion.Replication.PartitionLog;

namespace Deucalion.Simulation.World;

/// <summary>What a disk has ever held durably, under one incarnation; what was lost or cut since is remembered too.</summary>
internal sealed class HeldLog
{
    private readonly Dictionary<long, LogPoint> _points = [];
    private long _checkpoint;

    public void Add(LogPoint point) => _points[point.Seq] = point;

    public void Add(CheckpointFile file) => _checkpoint = Math.Max(_checkpoint, file.Point.Seq);

    public bool Held(LogPoint point) => point.Seq <= _checkpoint || (_points.TryGetValue(point.Seq, out var held) && held == point);

    public HeldLog Copy()
    {
        var copy = new HeldLog { _checkpoint = _checkpoint };
        foreach (var point in _points.Values)
        {
            copy.Add(point);
        }

        return copy;
    }
}
