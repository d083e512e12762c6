using System.Collections.Immutable;

namespace Deucalion.Simulation.Shipping;

/// <summary>A model of the manifest: the blocks that exist for readers, and those that did.</summary>
internal sealed record Manifest(long Version, ImmutableArray<int> Blocks, ImmutableArray<int> Retired, ImmutableDictionary<int, int> BlockOfGeneration)
{
    public static readonly Manifest Empty = new(0, [], [], ImmutableDictionary<int, int>.Empty);

    public bool Knows(int block) => Blocks.Contains(block) || Retired.Contains(block);

    public Manifest With(int generation, int block) =>
        this with { Version = Version + 1, Blocks = Blocks.Add(block), BlockOfGeneration = BlockOfGeneration.SetItem(generation, block) };

    public Manifest Replace(ImmutableArray<int> sources, int result) =>
        this with { Version = Version + 1, Blocks = Blocks.RemoveRange(sources).Add(result), Retired = Retired.AddRange(sources) };

    public Manifest Without(ImmutableArray<int> sources) =>
        this with { Version = Version + 1, Blocks = Blocks.RemoveRange(sources), Retired = Retired.AddRange(sources) };

    public Manifest WithResult(int result) => this with { Version = Version + 1, Blocks = Blocks.Add(result) };
}
