using Deucalion.Compliance.Answers;

namespace Deucalion.Compliance.Differential;

/// <summary>
/// Where the engine follows a newer Prometheus than the 3.5 it is compared with. Functions that 3.5 does not know are left out of the
/// generator (<see cref="CallGenerator.Newer"/>), as are the modifiers <c>anchored</c>, <c>smoothed</c> and <c>fill</c>, the operators
/// <c>&lt;/</c> and <c>&gt;/</c>, duration expressions and start timestamps.
/// </summary>
public static class Exemptions
{
    public static IReadOnlyList<Exemption> All { get; } =
    [
    ];

    /// <summary>The reason of the first exemption that applies, or null.</summary>
    public static string? Find(RandomCase one, Answer expected, Answer actual) => All.FirstOrDefault(e => e.Applies(one, expected, actual))?.Reason;
}
