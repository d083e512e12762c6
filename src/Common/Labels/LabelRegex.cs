using System.Text.RegularExpressions;

namespace Deucalion.Common.Labels;

/// <summary>The expression of a matcher is not valid.</summary>
public sealed class RegexSyntaxException(string message, Exception? inner) : Exception(message, inner);

/// <summary>
/// An RE2 expression anchored at both ends as <c>^(?s:…)$</c>, evaluated in time linear in the value. Immutable and thread-safe.
/// </summary>
public sealed class LabelRegex
{
    private readonly Regex _regex;

    private LabelRegex(string pattern)
    {
        try
        {
            _regex = new Regex($"\\A(?s:{pattern})\\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw new RegexSyntaxException($"error parsing regexp: {e.Message}", e);
        }
    }

    /// <summary>Parses RE2 syntax.</summary>
    /// <exception cref="RegexSyntaxException">The expression is not valid.</exception>
    public static LabelRegex Parse(string pattern) => new(pattern);

    /// <summary>Whether the whole value matches.</summary>
    public bool IsMatch(string value) => _regex.IsMatch(value);
}
