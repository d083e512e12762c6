namespace Deucalion.Simulation.World;

/// <summary>An invariant that does not hold, by name.</summary>
internal sealed class ViolationException(string invariant, string message) : Exception($"{invariant}: {message}")
{
    public string Invariant => invariant;
}
