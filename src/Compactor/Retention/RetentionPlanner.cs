using Deucalion.Common.Manifests;

namespace Deucalion.Compactor.Retention;

/// <summary>Which bound a block exceeded.</summary>
internal enum RetentionCause
{
    /// <summary>Too old.</summary>
    Age,

    /// <summary>Too much in all.</summary>
    Size,
}

/// <summary>A block that retention removes.</summary>
internal readonly record struct RetentionDecision(ManifestBlock Block, RetentionCause Cause);

/// <summary>Decides what leaves a tenant's manifests. Pure.</summary>
internal static class RetentionPlanner
{
    /// <summary>
    /// The decisions for each manifest that has any. <paramref name="manifests"/> are all of one tenant, since size counts over its
    /// partitions; <paramref name="now"/> is Unix milliseconds.
    /// </summary>
    public static IReadOnlyDictionary<Manifest, IReadOnlyList<RetentionDecision>> Plan(IReadOnlyList<Manifest> manifests, RetentionPolicy policy, long now)
    {
        var plan = new Dictionary<Manifest, IReadOnlyList<RetentionDecision>>(ReferenceEqualityComparer.Instance);
        var kept = new List<(Manifest Manifest, ManifestBlock Block)>();
        foreach (var manifest in manifests)
        {
            foreach (var block in manifest.Blocks)
            {
                // MaxTime is exclusive: the newest sample is older than it by at least a millisecond.
                if (policy.MaxAge is { } age && block.MaxTime <= now - (long)age.TotalMilliseconds)
                {
                    Add(plan, manifest, new RetentionDecision(block, RetentionCause.Age));
                }
                else
                {
                    kept.Add((manifest, block));
                }
            }
        }

        if (policy.MaxBytes is { } maxBytes)
        {
            // Newest first; everything from the first block on that no longer fits goes, so that no hole is left in time.
            kept.Sort(static (a, b) => (b.Block.MaxTime, b.Block.Ulid).CompareTo((a.Block.MaxTime, a.Block.Ulid)));
            var bytes = 0L;
            foreach (var (manifest, block) in kept)
            {
                bytes += block.Bytes;
                if (bytes > maxBytes)
                {
                    Add(plan, manifest, new RetentionDecision(block, RetentionCause.Size));
                }
            }
        }

        return plan;
    }

    private static void Add(Dictionary<Manifest, IReadOnlyList<RetentionDecision>> plan, Manifest manifest, RetentionDecision decision)
    {
        if (plan.TryGetValue(manifest, out var list))
        {
            ((List<RetentionDecision>)list).Add(decision);
        }
        else
        {
            plan.Add(manifest, new List<RetentionDecision> { decision });
        }
    }
}
