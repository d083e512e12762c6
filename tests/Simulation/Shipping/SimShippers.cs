using Deucalion.Simulation.Model;
using Deucalion.Simulation.World;

namespace Deucalion.Simulation.Shipping;

/// <summary>
/// Shipping as the primary does it: cut, upload the sealed generation, list it in the manifest, log the truncate. One step at a time with any delay
/// between, so that everything else can happen in the middle; a process that dies forgets its attempt.
/// </summary>
internal sealed class SimShippers(World.World world)
{
    private const long AttemptTime = 10_000;

    private readonly Dictionary<int, Attempt> _attempts = [];

    public void Step(SimNode node, in SimEvent happening)
    {
        world.Schedule(world.Rng.Below(5) == 0 ? world.Rng.Between(200, 3000) : world.Rng.Between(50, 500), happening);
        if (world.Objects.IsDown)
        {
            return;
        }

        var replica = node.Replica!;
        if (!_attempts.TryGetValue(replica.Number, out var attempt))
        {
            Begin(replica);
            return;
        }

        if (world.Now - attempt.Since > AttemptTime || !replica.Head.SealedGenerations.Any(generation => generation.Generation == attempt.Generation))
        {
            _attempts.Remove(replica.Number);
            return;
        }

        switch (attempt.Stage)
        {
            case 0:
                attempt.Read = world.Objects.Manifest;
                attempt.Stage = 1;
                break;
            case 1:
                Publish(attempt);
                break;
            case 2 when replica.Core.CanAppend:
                replica.Append((term, seq) => Records.Truncate(term, seq, attempt.Generation, attempt.Block));
                attempt.Stage = 3;
                break;
        }
    }

    private void Begin(SimReplica replica)
    {
        var head = replica.Head;
        DropUnasked(replica);
        if (!replica.Core.CanAppend)
        {
            return;
        }

        if (head.SealedGenerations.Count == 0)
        {
            if (head.HasOpenSamples && world.Rng.Below(4) == 0)
            {
                var generation = head.OpenGeneration;
                replica.Append((term, seq) => Records.Cut(term, seq, generation));
            }

            return;
        }

        var oldest = head.SealedGenerations[0];
        var attempt = new Attempt(oldest.Generation, world.Objects.Upload(oldest.Samples), world.Now);
        _attempts[replica.Number] = attempt;
        if (!world.Rules.TruncatesAfterManifest)
        {
            replica.Append((term, seq) => Records.Truncate(term, seq, attempt.Generation, attempt.Block));
        }

        if (world.Rng.Below(4) == 0 && head.HasOpenSamples)
        {
            var generation = head.OpenGeneration;
            replica.Append((term, seq) => Records.Cut(term, seq, generation));
        }
    }

    private void Publish(Attempt attempt)
    {
        if (attempt.Read!.BlockOfGeneration.TryGetValue(attempt.Generation, out var listed))
        {
            // Somebody before us: a former primary, or our own write of which we had no answer.
            attempt.Block = listed;
            attempt.Stage = 2;
            return;
        }

        var done = world.Objects.Swap(attempt.Read.Version, attempt.Read.With(attempt.Generation, attempt.Block));

        // An answer that does not come leaves the outcome unknown: read again.
        attempt.Stage = done && world.Rng.Below(4) != 0 ? 2 : 0;
    }

    private void DropUnasked(SimReplica replica)
    {
        if (world.Rules.BackupsDecideNothing || replica.Core.CanAppend)
        {
            return;
        }

        foreach (var generation in replica.Head.SealedGenerations)
        {
            if (world.Objects.Manifest.BlockOfGeneration.ContainsKey(generation.Generation))
            {
                replica.Head.DropUnasked(generation.Generation);
            }
        }
    }

    private sealed class Attempt(int generation, int block, long since)
    {
        public int Generation => generation;

        public long Since => since;

        public int Block { get; set; } = block;

        public int Stage { get; set; }

        public Manifest? Read { get; set; }
    }
}
