using System.Text.RegularExpressions;

namespace Deucalion.PromQL.TestLanguage;

/// <summary>A text that is equal to, or found by, the given one; null takes any. Scripts older than positions leave these out.</summary>
internal sealed partial record TextExpectation(string? Text, bool IsRegex)
{
    public static readonly TextExpectation Any = new(null, false);

    public bool Matches(string actual) => Text is null || MatchesExactly(actual) || MatchesExactly(Position().Replace(actual, string.Empty));

    public override string ToString() => Text ?? "anything";

    private bool MatchesExactly(string actual) => IsRegex ? Regex.IsMatch(actual, Text!) : actual == Text;

    [GeneratedRegex(@"(, from buckets .*| \(\d+ occurrences\))? \(\d+:\d+\)$", RegexOptions.CultureInvariant)]
    private static partial Regex Position();
}
