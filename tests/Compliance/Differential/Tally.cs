using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Deucalion.Compliance.Differential;

/// <summary>Counts outcomes over many cases, and for each function and aggregation how often it was asked. Not thread-safe.</summary>
public sealed partial class Tally
{
    private readonly Dictionary<string, (int Asked, int NonEmpty)> _uses = CallGenerator.Functions.Concat(QueryGenerator.Aggregations)
        .ToDictionary(static n => n, static _ => (0, 0), StringComparer.Ordinal);

    private readonly Dictionary<string, int> _exempt = new(StringComparer.Ordinal);
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private int _instant;
    private int _neededMagnitude;

    public int Cases { get; private set; }

    public int NonEmpty { get; private set; }

    public int Errors { get; private set; }

    public List<Verdict> Wrong { get; } = [];

    public List<Verdict> Exempt { get; } = [];

    public Verdict? Last { get; private set; }

    public int LeastUses => _uses.Values.Min(static u => u.Asked);

    public void Add(Verdict verdict)
    {
        var nonEmpty = verdict.Expected.Error is null && !verdict.Expected.IsEmpty;
        Last = verdict;
        Cases++;
        NonEmpty += nonEmpty ? 1 : 0;
        Errors += verdict.Expected.Error is null ? 0 : 1;
        _instant += verdict.Case.Step == 0 ? 1 : 0;
        _neededMagnitude += verdict.NeededMagnitude > 0 ? 1 : 0;
        if (verdict.Exemption is { } exemption)
        {
            Exempt.Add(verdict);
            _exempt[exemption] = _exempt.GetValueOrDefault(exemption) + 1;
        }

        if (verdict.IsWrong)
        {
            Wrong.Add(verdict);
        }

        _names.Clear();
        foreach (Match name in Names().Matches(verdict.Case.Query))
        {
            if (_names.Add(name.Value) && _uses.TryGetValue(name.Value, out var use))
            {
                _uses[name.Value] = (use.Asked + 1, use.NonEmpty + (nonEmpty ? 1 : 0));
            }
        }
    }

    /// <summary>The counts, then a table of functions and aggregations.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.AppendLine(
            CultureInfo.InvariantCulture,
            $"{Cases} answers compared ({_instant} instant, {Cases - _instant} range): {NonEmpty * 100.0 / Cases:F1} % non-empty, {Errors * 100.0 / Cases:F1} % errors, {Wrong.Count} wrong, {_exempt.Values.Sum()} exempt, {_neededMagnitude} equal only within the input's magnitude");
        foreach (var (reason, count) in _exempt.OrderByDescending(static e => e.Value))
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"  exempt {count,5}: {reason}");
        }

        text.AppendLine("  asked / non-empty:");
        foreach (var row in _uses.OrderBy(static u => u.Key, StringComparer.Ordinal).Chunk(4))
        {
            text.AppendLine("  " + string.Concat(row.Select(static u => $"{u.Key,-28} {u.Value.Asked,5} / {u.Value.NonEmpty,-5} ")));
        }

        return text.ToString();
    }

    [GeneratedRegex(@"\b[a-z][a-z0-9_]*(?=\(| by \(| without \()")]
    private static partial Regex Names();
}
