using Deucalion.Common.Labels;
using Deucalion.PromQL.Engine;

namespace Deucalion.PromQL.Operators.Transforms;

/// <summary>label_join.</summary>
internal sealed class LabelJoinOperator(VectorOperator inner, string destination, string separator, string[] sources) : RelabelOperator(inner)
{
    private readonly LabelsBuilder _builder = new();

    protected override void Check()
    {
        foreach (var source in sources)
        {
            if (!LabelNames.IsValid(source))
            {
                throw QueryException.Execution($"invalid source label name in label_join(): {source}");
            }
        }

        if (!LabelNames.IsValid(destination))
        {
            throw QueryException.Execution($"invalid destination label name in label_join(): {destination}");
        }
    }

    protected override (Labels Labels, bool DropName) Relabel(int index, QueryContext context)
    {
        var labels = Inner.VisibleLabelsAt(index, context);
        var values = new string[sources.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = labels.Get(sources[i]);
        }

        var drop = Inner.DropNameAt(index) && context.DelayedNameRemoval && destination != Labels.MetricName;
        return (_builder.Reset(labels).Set(destination, string.Join(separator, values)).Build(), drop);
    }
}
