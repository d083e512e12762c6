using Deucalion.Common.Contracts;
using Deucalion.Replication.PartitionLog.Core;
using Deucalion.Simulation.Model;

namespace Deucalion.Simulation.World;

/// <summary>
/// Programs of versions that follow each other, mixed: nodes are taken to the next one and back when they restart, and a machine that was away comes back with
/// what it had. Each version but the first writes samples in a kind of record of its own; what may be written, read and started follows
/// docs/decisions/done/0007-versions.md. Chance is drawn apart from that of the rest of the world.
/// </summary>
internal sealed class SimVersions(World world, ulong seed)
{
    private const int Newest = 3;
    private readonly Rng _rng = new(seed ^ 0xA24BAED4963EE407);
    private readonly int[] _installed = new int[world.Nodes.Length];
    private readonly int[] _recorded = new int[world.Nodes.Length];
    private readonly int[] _inEffect = new int[world.Nodes.Length];
    private int _away = -1;
    private int _goal = -1;

    // The operators' rule: back by one version, no further.
    private int _highestInEffect;

    /// <summary>Restarts that changed a node's version.</summary>
    public int Changes { get; private set; }

    /// <summary>Records written in a kind that not all versions know.</summary>
    public int NewKinds { get; private set; }

    /// <summary>All nodes begin with the same version; in some worlds all that are there are taken to the next one, and to the one after it, in turn.</summary>
    public void Begin()
    {
        _highestInEffect = (int)_rng.Between(0, 1);
        Array.Fill(_installed, _highestInEffect);
        Array.Fill(_recorded, -1);
        if (world.Plan.OnlyFault < 0 && _rng.Below(6) == 0)
        {
            world.Schedule(_rng.Between(1000, 6000), new SimEvent(SimKind.Upgrade, -1, 0, 0, 0, null));
        }
    }

    /// <summary>The next step of an upgrade of all nodes: one restart.</summary>
    public void Upgrade(int step)
    {
        var nodes = world.Nodes.Length;
        if (step == 0 && _rng.Below(2) == 0)
        {
            _away = _rng.Below(nodes);
            world.Faults.Crash(world.Nodes[_away], machine: true, _rng.Between(10_000, 60_000));
        }

        var node = step % nodes;
        if (node != _away)
        {
            _goal = Math.Min(Newest, world.Nodes.Where(other => other.IsUp && other.Index != _away).Select(other => _installed[other.Index]).DefaultIfEmpty().Min() + 1);
            world.Faults.Crash(world.Nodes[node], machine: false, _rng.Between(50, 500));
        }

        if (step + 1 < 2 * nodes)
        {
            world.Schedule(_rng.Between(500, 2500), new SimEvent(SimKind.Upgrade, -1, 0, 0, step + 1, null));
        }
    }

    /// <summary>A process starts: maybe another program than the last one on that node, in any case one that may join.</summary>
    public void Starts(int node)
    {
        var before = _installed[node];
        if (node == _away)
        {
            _away = -1;
        }
        else if (!world.IsQuiet && _recorded[node] >= 0)
        {
            _installed[node] = Chosen(node, before);
        }

        if (IsRefused(node, _installed[node]))
        {
            _installed[node] = Enumerable.Range(0, Newest + 1).Where(version => !IsRefused(node, version)).MinBy(version => Math.Abs(version - before));
        }

        Changes += _installed[node] == before ? 0 : 1;
        _recorded[node] = _installed[node];
        _inEffect[node] = Math.Max(0, _installed[node] - 1);
        world.Trace?.Note(world.Now, $"{World.IdOf(node)} has version {_installed[node]}");
    }

    /// <summary>A node hears from the store who lives.</summary>
    public void Looks(int node)
    {
        var lowest = world.Nodes.Where(other => other.Index == node || world.Store.HasLease(other.Index, world.Now)).Min(other => _installed[other.Index]);
        _inEffect[node] = lowest;
        _highestInEffect = Math.Max(_highestInEffect, lowest);
    }

    /// <summary>The kind in which a node writes a sample now.</summary>
    public RecordKind KindFor(int node)
    {
        var version = world.Rules.WritesKindsInEffect ? _inEffect[node] : _installed[node];
        if (version == 0 || _rng.Below(2) == 0)
        {
            return RecordKind.Samples;
        }

        NewKinds++;
        return Records.SampleKind(version);
    }

    /// <summary>Whether the program on the node understands the record.</summary>
    public bool Knows(int node, RecordKind kind) =>
        Records.WrittenSince(kind) <= _installed[node] + (world.Rules.ReadsKindsBeforeTheyAreWritten ? 1 : 0);

    /// <summary>A replica that looks at what it is given, or finds in its log, finds nothing that it does not understand.</summary>
    public void Check(int node, IEnumerable<LogRecord> records)
    {
        if (!world.Rules.RefusesUnknownKinds)
        {
            return;
        }

        foreach (var record in records)
        {
            if (!Knows(node, record.Kind))
            {
                throw new ViolationException(Ledger.KindsAreKnown, $"{World.IdOf(node)} has version {_installed[node]} and met kind {(byte)record.Kind} at seq {record.Point.Seq}");
            }
        }
    }

    private int Chosen(int node, int before)
    {
        var isItsTurn = before < _goal;
        if (!isItsTurn && _rng.Below(2) == 0)
        {
            return before;
        }

        var next = isItsTurn || _rng.Below(3) > 0 ? before + 1 : before - 1;
        return IsOrderly(node, next) ? next : before;
    }

    /// <summary>Operators take one version after the other, on all nodes, and go back by one, when no machine is away that is further back.</summary>
    private bool IsOrderly(int node, int version) =>
        version is >= 0 and <= Newest
        && version >= _highestInEffect - 1
        && world.Nodes.All(other => other.Index == node || !other.IsUp || Math.Abs(_installed[other.Index] - version) <= 1)
        && (version > _installed[node] || _installed.Min() >= _highestInEffect - 1);

    /// <summary>What <c>ClusterProtocol.Refusal</c> says: every program speaks its own version and the one before.</summary>
    private bool IsRefused(int node, int version)
    {
        if (!world.Rules.JoinsOnlyNeighbours)
        {
            return false;
        }

        return world.Nodes.Any(other =>
            (_recorded[other.Index] >= 0 && version < _recorded[other.Index] - 1)
            || (other.Index != node && other.IsUp && _recorded[other.Index] >= 0 && _recorded[other.Index] < version - 1));
    }
}
