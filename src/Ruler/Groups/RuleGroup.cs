namespace Deucalion.Ruler.Groups;

/// <summary>Rules that are evaluated together, in order.</summary>
public sealed record RuleGroup
{
    /// <summary>Name, unique in its file.</summary>
    public required string Name { get; init; }

    /// <summary>The file it came from.</summary>
    public required string File { get; init; }

    /// <summary>Time between evaluations in milliseconds; null is the server's.</summary>
    public long? Interval { get; init; }

    /// <summary>How far in the past the rules are evaluated, milliseconds; null is the server's.</summary>
    public long? QueryOffset { get; init; }

    /// <summary>Most series or alerts one rule may yield; 0 is no limit.</summary>
    public int Limit { get; init; }

    /// <summary>The rules in order.</summary>
    public required IReadOnlyList<Rule> Rules { get; init; }
}
