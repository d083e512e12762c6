using System.Text;

namespace Deucalion.Common.Labels;

/// <summary>How a matcher compares; the values are those of remote read.</summary>
public enum MatchType
{
    /// <summary><c>=</c></summary>
    Equal = 0,

    /// <summary><c>!=</c></summary>
    NotEqual = 1,

    /// <summary><c>=~</c>, anchored</summary>
    Regex = 2,

    /// <summary><c>!~</c>, anchored</summary>
    NotRegex = 3,
}

/// <summary>One condition on one label; an absent label counts as the empty string. Immutable and thread-safe.</summary>
public sealed class LabelMatcher
{
    private readonly LabelRegex? _regex;
    private string? _text;

    /// <summary>Builds a matcher.</summary>
    /// <exception cref="RegexSyntaxException">The regular expression is not valid RE2 syntax.</exception>
    public LabelMatcher(MatchType type, string name, string value)
    {
        Type = type;
        Name = name;
        Value = value;
        if (type is MatchType.Regex or MatchType.NotRegex)
        {
            _regex = LabelRegex.Parse(value);
        }
    }

    /// <summary>How it compares.</summary>
    public MatchType Type { get; }

    /// <summary>The label.</summary>
    public string Name { get; }

    /// <summary>What it is compared with: a literal, or an RE2 expression that must match the whole value.</summary>
    public string Value { get; }

    /// <summary>The compiled expression of a regex matcher, else null.</summary>
    public LabelRegex? Regex => _regex;

    /// <summary>Whether a series without the label matches.</summary>
    public bool MatchesEmpty => Matches(string.Empty);

    /// <summary>Whether the value satisfies the condition.</summary>
    public bool Matches(string value) => Type switch
    {
        MatchType.Equal => value == Value,
        MatchType.NotEqual => value != Value,
        MatchType.Regex => _regex!.IsMatch(value),
        _ => !_regex!.IsMatch(value),
    };

    /// <summary>PromQL's text: <c>name="value"</c> with the operator of the type.</summary>
    public override string ToString() => _text ??= Print();

    private string Print()
    {
        var text = new StringBuilder();
        LabelText.AppendName(text, Name);
        text.Append(Type switch { MatchType.Equal => "=", MatchType.NotEqual => "!=", MatchType.Regex => "=~", _ => "!~" });
        LabelText.AppendQuoted(text, Value);
        return text.ToString();
    }
}
