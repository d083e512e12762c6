using System.Collections.Frozen;
using System.Text.RegularExpressions;
using Deucalion.Common.Labels.Regexes;

namespace Deucalion.Common.Labels;

/// <summary>
/// An RE2 expression anchored at both ends as <c>^(?s:…)$</c>, evaluated in time linear in the value. Immutable and thread-safe.
/// Where the expression is a list of literals or literals around <c>.*</c> and <c>.+</c>, no engine runs; an index may use
/// <see cref="Literal"/>, <see cref="Alternatives"/> and <see cref="Prefix"/> to look up fewer values.
/// </summary>
public sealed class LabelRegex
{
    private readonly IReadOnlyList<string> _groups;
    private readonly List<Glob>? _globs;
    private readonly FrozenSet<string>? _set;
    private readonly Lazy<Regex?> _engine;
    private readonly Lazy<PikeMachine> _machine;
    private readonly Lazy<bool> _matchesEmpty;

    private LabelRegex(string pattern, RegexNode root, IReadOnlyList<string> groups)
    {
        Pattern = pattern;
        _groups = groups;
        _engine = new(() => MakeEngine(root));
        _machine = new(() => new PikeMachine(root, groups.Count));
        _globs = GlobExpander.Expand(root);
        Prefix = GlobExpander.Prefix(root);
        if (_globs is not null && _globs.TrueForAll(g => g.IsLiteral))
        {
            var literals = _globs.Select(g => g.Prefix).Distinct(StringComparer.Ordinal).ToArray();
            Array.Sort(literals, Utf8Order.Compare);
            Alternatives = literals;
            Literal = literals.Length == 1 ? literals[0] : null;
            _set = literals.Length > 4 ? literals.ToFrozenSet(StringComparer.Ordinal) : null;
        }

        MatchesEverything = _globs is not null && _globs.Exists(g => g.OnlyGap == 0);
        MatchesAllButEmpty = !MatchesEverything && _globs is [{ OnlyGap: 1 }];
        _matchesEmpty = new(() => IsMatch(string.Empty));
    }

    /// <summary>The expression as written.</summary>
    public string Pattern { get; }

    /// <summary>The only value that matches, or null.</summary>
    public string? Literal { get; }

    /// <summary>All values that match, sorted bytewise, at most 256; null where they cannot be listed.</summary>
    public IReadOnlyList<string>? Alternatives { get; }

    /// <summary>What every matching value starts with; empty where nothing is known.</summary>
    public string Prefix { get; }

    /// <summary>Whether a missing label matches.</summary>
    public bool MatchesEmpty => _matchesEmpty.Value;

    /// <summary>Whether every value matches, the empty one too.</summary>
    public bool MatchesEverything { get; }

    /// <summary>Whether every value but the empty one matches.</summary>
    public bool MatchesAllButEmpty { get; }

    /// <summary>Parses RE2 syntax.</summary>
    /// <exception cref="RegexSyntaxException">The expression is not valid.</exception>
    public static LabelRegex Parse(string pattern)
    {
        var (root, groups) = Re2Parser.Parse(pattern);
        return new LabelRegex(pattern, root, groups);
    }

    /// <summary>Whether the whole value matches.</summary>
    public bool IsMatch(string value)
    {
        if (_set is not null)
        {
            return _set.Contains(value);
        }

        if (_globs is null)
        {
            return value.StartsWith(Prefix, StringComparison.Ordinal) && IsMatchByEngine(value);
        }

        foreach (var glob in _globs)
        {
            if (glob.IsMatch(value))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Fills the groups of a match of the whole value into a text with <c>$1</c>, <c>${name}</c> and <c>$$</c>.</summary>
    /// <param name="value">The value.</param>
    /// <param name="template">The text, as Go's Regexp.Expand takes it.</param>
    /// <param name="result">The text with groups filled in; unknown ones are empty.</param>
    /// <returns>False where the value does not match.</returns>
    public bool TryExpand(string value, string template, out string result)
    {
        result = string.Empty;
        if (!IsMatch(value) || _machine.Value.Match(value) is not { } slots)
        {
            return false;
        }

        result = GoTemplate.Expand(template, _groups, i => slots[2 * i] < 0 ? null : value[slots[2 * i]..slots[(2 * i) + 1]]);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => Pattern;

    /// <summary><see cref="IsMatch"/> without any short cut.</summary>
    internal bool IsMatchByEngine(string value) => _engine.Value is { } engine ? engine.IsMatch(value) : _machine.Value.IsMatch(value);

    /// <summary><see cref="IsMatch"/> by the machine that otherwise serves captures and word boundaries.</summary>
    internal bool IsMatchByMachine(string value) => _machine.Value.IsMatch(value);

    // Null where the expression needs what the engine lacks, or is larger than it takes.
    private static Regex? MakeEngine(RegexNode root)
    {
        if (root.HasWordBoundary)
        {
            return null;
        }

        try
        {
            return new Regex(DotNetPattern.Write(root), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (NotSupportedException)
        {
            return null;
        }
    }
}
