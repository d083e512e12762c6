using Deucalion.Common.Labels;
using Deucalion.PromQL.Engine;

namespace Deucalion.PromQL.Operators.Transforms;

/// <summary>label_replace.</summary>
internal sealed class LabelReplaceOperator : RelabelOperator
{
    private readonly string _destination;
    private readonly string _replacement;
    private readonly string _source;
    private readonly string _pattern;
    private readonly LabelsBuilder _builder = new();
    private LabelRegex? _regex;

    public LabelReplaceOperator(VectorOperator inner, string destination, string replacement, string source, string pattern)
        : base(inner)
    {
        _destination = destination;
        _replacement = replacement;
        _source = source;
        _pattern = pattern;
    }

    protected override void Check()
    {
        try
        {
            _regex = LabelRegex.Parse(_pattern);
        }
        catch (RegexSyntaxException)
        {
            throw QueryException.Execution($"invalid regular expression in label_replace(): {_pattern}");
        }

        if (!LabelNames.IsValid(_destination))
        {
            throw QueryException.Execution($"invalid destination label name in label_replace(): {_destination}");
        }
    }

    protected override (Labels Labels, bool DropName) Relabel(int index, QueryContext context)
    {
        var labels = Inner.VisibleLabelsAt(index, context);
        var drop = Inner.DropNameAt(index) && context.DelayedNameRemoval;
        if (!_regex!.TryExpand(labels.Get(_source), _replacement, out var value))
        {
            return (labels, drop);
        }

        // A name that was set on purpose stays.
        drop &= _destination != Labels.MetricName;
        return (_builder.Reset(labels).Set(_destination, value).Build(), drop);
    }
}
