using Deucalion.Simulation.Model;
using Deucalion.Simulation.Shipping;

namespace Deucalion.Simulation.World;

/// <summary>A query: what had been acknowledged when it began, and what it has gathered.</summary>
internal sealed class ReaderRequest
{
    public int Reader { get; init; }

    public int Node { get; init; }

    public bool IsFinal { get; init; }

    public Bits Began { get; init; }

    public Bits Samples { get; set; }

    public List<Truncated> Truncated { get; set; } = [];

    public Manifest? Manifest { get; set; }

    public int Tries { get; set; }
}

/// <summary>Queriers: they ask a head, then hold or refresh to a manifest that knows what the head says it truncated, then read the blocks.</summary>
internal sealed class SimReaders(World world)
{
    private const long ManifestLifetime = 3000;

    private readonly (Manifest Manifest, long At)[] _cached = new (Manifest, long)[3];
    private long _finalAskedAt = long.MinValue / 2;

    public bool FinalAnswered { get; private set; }

    public void Begin()
    {
        for (var i = 0; i < _cached.Length; i++)
        {
            _cached[i] = (world.Objects.Manifest, 0);
            world.Schedule(world.Rng.Between(100, 600), new SimEvent(SimKind.ReaderBegin, -1, 0, i, 0, null));
        }
    }

    /// <summary>Asks once more at the end, again and again until there is an answer.</summary>
    public bool AskFinal()
    {
        if (!FinalAnswered && world.Now - _finalAskedAt > 500)
        {
            _finalAskedAt = world.Now;
            Ask(0, World.IndexOf(world.Store.Entry.Primary), isFinal: true);
        }

        return FinalAnswered;
    }

    /// <param name="node">Where.</param>
    /// <param name="read">The read as the core of a backup knows it; 0 at the primary.</param>
    /// <param name="request">The query.</param>
    public void TakeSnapshot(SimNode node, long read, ReaderRequest request)
    {
        var delay = world.Network.Quiet || !world.Rng.Chance(0.1) ? world.Rng.Between(0, 3) : world.Rng.Between(100, 4000);
        world.Schedule(delay, new SimEvent(SimKind.Snapshot, node.Index, node.Process, node.Replica!.Number, read, request));
    }

    /// <summary>Something in a reader's thread on a node: it goes on whatever becomes of the replica.</summary>
    public void Handle(SimNode node, in SimEvent happening)
    {
        var request = (ReaderRequest)happening.Payload!;
        if (happening.Kind == SimKind.ReadChecked)
        {
            if (node.Replica!.MayAnswerReads || !world.Rules.ChecksGrantAfterSnapshot)
            {
                Answer(request);
            }

            return;
        }

        node.Replica!.Snapshot(request);
        var delay = world.Network.Quiet || !world.Rng.Chance(0.1) ? world.Rng.Between(0, 3) : world.Rng.Between(100, 2000);
        world.Schedule(delay, happening.Number == 0
            ? new SimEvent(SimKind.ReadChecked, node.Index, node.Process, 0, 0, request)
            : new SimEvent(SimKind.SnapshotTaken, node.Index, happening.From, 0, happening.Number, null));
    }

    public void Answer(ReaderRequest request) =>
        world.Schedule(world.Network.Delay(), new SimEvent(SimKind.ReaderAnswer, -1, 0, 0, 0, request));

    public void Handle(in SimEvent happening)
    {
        switch (happening.Kind)
        {
            case SimKind.ReaderBegin:
                var node = world.Rng.Below(3) switch
                {
                    0 => World.IndexOf(world.Store.Entry.Primary),
                    1 => World.IndexOf(world.Coordination.FormerPrimary),
                    _ => world.Network.RandomNode(),
                };
                Ask(happening.From, node, isFinal: false);
                world.Schedule(world.Rng.Between(50, 400), happening);
                break;
            case SimKind.ReaderAnswer:
                ChooseManifest((ReaderRequest)happening.Payload!);
                break;
            case SimKind.ReaderBlocks:
                ReadBlocks((ReaderRequest)happening.Payload!);
                break;
        }
    }

    private static bool Knows(Manifest manifest, List<Truncated> truncated)
    {
        foreach (var generation in truncated)
        {
            if (!manifest.Knows(generation.Block))
            {
                return false;
            }
        }

        return true;
    }

    private void Ask(int reader, int node, bool isFinal)
    {
        var request = new ReaderRequest { Reader = reader, Node = node, IsFinal = isFinal, Began = world.Ledger.Acknowledged };
        world.Schedule(world.Network.Delay(), new SimEvent(SimKind.ReaderArrives, node, 0, 0, 0, request));
    }

    private void ChooseManifest(ReaderRequest request)
    {
        var (manifest, at) = _cached[request.Reader];
        if (world.Now - at > ManifestLifetime || request.Tries > 0 || (world.Rules.ReaderNeedsTruncated && !Knows(manifest, request.Truncated)))
        {
            manifest = world.Objects.Manifest;
            _cached[request.Reader] = (manifest, world.Now);
        }

        // What no manifest knows is a gap: an error, never an answer.
        if (!world.Rules.ReaderNeedsTruncated || Knows(manifest, request.Truncated))
        {
            request.Manifest = manifest;
            world.Schedule(world.Rng.Between(1, 400), new SimEvent(SimKind.ReaderBlocks, -1, 0, 0, 0, request));
        }
    }

    private void ReadBlocks(ReaderRequest request)
    {
        if (world.Objects.IsDown)
        {
            return;
        }

        var samples = request.Samples;
        foreach (var block in request.Manifest!.Blocks)
        {
            if (world.Objects.Read(block) is { } found)
            {
                samples.Add(found);
            }
            else if (world.Rules.MissingObjectMeansRetry)
            {
                if (request.Tries++ < 3)
                {
                    ChooseManifest(request);
                }

                return;
            }
        }

        world.Ledger.Answered($"an answer of n{request.Node + 1}", request.Began, samples);
        FinalAnswered |= request.IsFinal;
    }
}
