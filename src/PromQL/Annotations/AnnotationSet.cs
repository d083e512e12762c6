using Deucalion.PromQL.Ast;

namespace Deucalion.PromQL.Annotations;

/// <summary>Collects the warnings and infos of one query, each text once. Thread-safe; the outcome does not depend on the order of adding.</summary>
internal sealed class AnnotationSet
{
    private const string WarningPrefix = "PromQL warning: ";
    private const string InfoPrefix = "PromQL info: ";

    private readonly Lock _gate = new();
    private readonly Dictionary<string, PositionRange> _warnings = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PositionRange> _infos = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Monotonicity> _monotonicity = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _occurrences = new(StringComparer.Ordinal);
    private readonly List<IPendingAnnotations> _pending = [];
    private readonly HashSet<string> _source = new(StringComparer.Ordinal);

    public void Warn(string text, PositionRange position) => Add(_warnings, text, position);

    public void Info(string text, PositionRange position) => Add(_infos, text, position);

    /// <summary>Asks for annotations once the query has been evaluated. Called while operators open, by one thread.</summary>
    public void AddLater(IPendingAnnotations pending) => _pending.Add(pending);

    /// <summary>Takes in what was announced, at the end of the query.</summary>
    public void Settle()
    {
        foreach (var pending in _pending)
        {
            pending.Report(this);
        }

        _pending.Clear();
    }

    /// <summary>A text of the data source, shown as it is.</summary>
    public void FromSource(string text)
    {
        lock (_gate)
        {
            _source.Add(text);
        }
    }

    /// <summary>A warning that counts how often it came up.</summary>
    public void WarnCounted(string text, PositionRange position)
    {
        lock (_gate)
        {
            _occurrences[text] = _occurrences.GetValueOrDefault(text) + 1;
            Put(_warnings, text, position);
        }
    }

    /// <summary>Buckets had to be made monotonic; the extents of all such places become one text.</summary>
    public void InfoMonotonicity(string text, PositionRange position, in Monotonicity found)
    {
        lock (_gate)
        {
            _monotonicity[text] = _monotonicity.TryGetValue(text, out var had) ? had.Join(found) : found;
            Put(_infos, text, position);
        }
    }

    public List<string> WarningTexts(string query)
    {
        var texts = Render(_warnings, WarningPrefix, query);
        texts.AddRange(_source.Order(StringComparer.Ordinal));
        return texts;
    }

    public List<string> InfoTexts(string query) => Render(_infos, InfoPrefix, query);

    private void Add(Dictionary<string, PositionRange> to, string text, PositionRange position)
    {
        lock (_gate)
        {
            Put(to, text, position);
        }
    }

    private static void Put(Dictionary<string, PositionRange> to, string text, PositionRange position)
    {
        // The place that an evaluation in order comes to last wins, whatever thread came first: arguments come before what takes them.
        if (!to.TryGetValue(text, out var had) || position.End > had.End || (position.End == had.End && position.Start < had.Start))
        {
            to[text] = position;
        }
    }

    private List<string> Render(Dictionary<string, PositionRange> from, string prefix, string query)
    {
        var texts = new List<string>(from.Count);
        foreach (var (text, position) in from)
        {
            var tail = _monotonicity.TryGetValue(text, out var extent) ? extent.ToString()
                : _occurrences.TryGetValue(text, out var n) && n > 1 ? $" ({n} occurrences)" : string.Empty;
            texts.Add($"{prefix}{text}{tail} ({QueryPosition.LineAndColumn(query, position.Start)})");
        }

        texts.Sort(StringComparer.Ordinal);
        return texts;
    }
}
