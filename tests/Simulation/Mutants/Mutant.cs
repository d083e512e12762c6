using Deucalion.Replication.PartitionLog.Core;

namespace Deucalion.Simulation.Mutants;

/// <summary>The protocol, or its world, without one rule.</summary>
/// <param name="Rule">The switch.</param>
/// <param name="Section">Section of the architecture.</param>
/// <param name="Sentence">What it says there.</param>
/// <param name="Protocol">The rules of the core.</param>
/// <param name="World">The rules around it.</param>
internal sealed record Mutant(string Rule, string Section, string Sentence, ProtocolRules Protocol, WorldRules World)
{
    /// <summary>Where rules cover for each other, and only their removal together shows: each of them removed alone.</summary>
    public IReadOnlyList<Mutant> Alone { get; init; } = [];
}
