using System.Collections.Immutable;
using Deucalion.Simulation.Model;
using Deucalion.Simulation.World;

namespace Deucalion.Simulation.Shipping;

/// <summary>The object store with its blocks and the manifest, and the compactor that lives on it.</summary>
internal sealed class SimObjects(World.World world)
{
    // Longer than a reader keeps a manifest, plus its query.
    private const long SourceDelay = 5000;

    // Longer than any shipping attempt goes on.
    private const long OrphanDelay = 30_000;

    private readonly Dictionary<int, (Bits Samples, long At)> _objects = [];
    private readonly Queue<(long At, ImmutableArray<int> Sources)> _leaving = new();
    private ImmutableArray<int> _merging = [];
    private int _merged;
    private Manifest _read = Manifest.Empty;
    private int _blocks;

    /// <summary>Nothing can be read or written for a while.</summary>
    public bool IsDown { get; set; }

    public Manifest Manifest { get; private set; } = Manifest.Empty;

    public void Begin() => world.Schedule(2000, new SimEvent(SimKind.Compact, -1, 0, 0, 0, null));

    /// <summary>Uploads a block under a name of its own.</summary>
    public int Upload(Bits samples)
    {
        _objects[++_blocks] = (samples, world.Now);
        return _blocks;
    }

    public Bits? Read(int block) => _objects.TryGetValue(block, out var found) ? found.Samples : null;

    public bool Swap(long expectedVersion, Manifest next)
    {
        if (Manifest.Version != expectedVersion && world.Rules.ManifestIsConditional)
        {
            return false;
        }

        Manifest = next;
        return true;
    }

    /// <summary>One step of the compactor: begin a merge, publish it, delete what nobody can read any more.</summary>
    public void Compact()
    {
        world.Schedule(world.Rng.Between(500, 2500), new SimEvent(SimKind.Compact, -1, 0, 0, 0, null));
        if (IsDown)
        {
            return;
        }

        if (_merged != 0)
        {
            Publish();
        }
        else if (Manifest.Blocks.Length >= 3)
        {
            Merge();
        }

        while (_leaving.TryPeek(out var next) && (world.Now - next.At > SourceDelay || !world.Rules.SourcesWait))
        {
            _leaving.Dequeue();
            foreach (var source in next.Sources)
            {
                _objects.Remove(source);
            }
        }

        foreach (var (block, (_, at)) in _objects)
        {
            if (!Manifest.Knows(block) && block != _merged && (world.Now - at > OrphanDelay || !world.Rules.OrphansWait))
            {
                _objects.Remove(block);
            }
        }
    }

    private void Merge()
    {
        var samples = default(Bits);
        foreach (var block in Manifest.Blocks)
        {
            if (Read(block) is not { } found)
            {
                return;
            }

            samples.Add(found);
        }

        _read = Manifest;
        _merging = Manifest.Blocks;
        _merged = Upload(samples);
    }

    private void Publish()
    {
        var half = !world.Rules.CompactionSwapsAtOnce && _read.Blocks.Length > 0;
        var next = half ? _read.Without(_merging) : _read.Replace(_merging, _merged);
        if (Swap(_read.Version, next))
        {
            if (half)
            {
                // The second half comes with the next step.
                _read = Manifest with { Blocks = [] };
                Manifest = Manifest with { };
                world.Schedule(world.Rng.Between(50, 500), new SimEvent(SimKind.Compact, -1, 0, 0, 0, null));
                return;
            }

            _leaving.Enqueue((world.Now, _merging));
        }

        _merged = 0;
    }
}
