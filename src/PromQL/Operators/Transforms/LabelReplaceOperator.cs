using System.Text.RegularExpressions;
using Deucalion.Common.Labels;
using Deucalion.PromQL.Engine;
using Deucalion.PromQL.Functions.Labeling;

namespace Deucalion.PromQL.Operators.Transforms;

/// <summary>label_replace.</summary>
internal sealed class LabelReplaceOperator : MergingOperator
{
    private readonly string _destination;
    private readonly string _replacement;
    private readonly string _source;
    private readonly string _pattern;
    private readonly LabelsBuilder _builder = new();
    private Regex? _regex;

    public LabelReplaceOperator(VectorOperator inner, string destination, string replacement, string source, string pattern)
        : base(inner)
    {
        _destination = destination;
        _replacement = replacement;
        _source = source;
        _pattern = pattern;
    }

    protected override bool NeedsLabels(QueryContext context)
    {
        try
        {
            _ = LabelRegex.Parse(_pattern);
            _regex = new Regex($"\\A(?s:{_pattern.Replace("(?P<", "(?<", StringComparison.Ordinal)})\\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (Exception e) when (e is RegexSyntaxException or ArgumentException or NotSupportedException)
        {
            throw QueryException.Execution($"invalid regular expression in label_replace(): {_pattern}");
        }

        if (_destination.Length == 0)
        {
            throw QueryException.Execution($"invalid destination label name in label_replace(): {_destination}");
        }

        return true;
    }

    protected override (Labels Labels, bool DropName) Relabel(int index, QueryContext context)
    {
        var labels = Inner.VisibleLabelsAt(index, context);
        var drop = Inner.DropNameAt(index) && context.DelayedNameRemoval;
        var match = _regex!.Match(labels.Get(_source));
        if (!match.Success)
        {
            return (labels, drop);
        }

        // A name that was set on purpose stays.
        drop &= _destination != Labels.MetricName;
        return (_builder.Reset(labels).Set(_destination, GoTemplate.Expand(_replacement, match)).Build(), drop);
    }
}
