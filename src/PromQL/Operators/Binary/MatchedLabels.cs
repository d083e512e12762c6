using Deucalion.Common.Labels;
using Deucalion.PromQL.Ast;

namespace Deucalion.PromQL.Operators.Binary;

/// <summary>Labels of the result of a vector operation.</summary>
internal sealed class MatchedLabels(BinaryExpr expr)
{
    private readonly VectorMatching _matching = expr.Matching!;
    private readonly LabelsBuilder _builder = new();
    private readonly bool _keepsName = !expr.ReturnBool
        && expr.Op is (>= BinaryOp.Eql and <= BinaryOp.Gte) or BinaryOp.TrimUpper or BinaryOp.TrimLower;

    /// <param name="many">Labels of the many side, or of the left side of a one-to-one match.</param>
    /// <param name="one">Labels of the other side.</param>
    public Labels Of(Labels many, Labels one)
    {
        _builder.Reset(many);
        if (!_keepsName)
        {
            _builder.Remove(Labels.MetricName).Remove(MetricNames.TypeLabel).Remove(MetricNames.UnitLabel);
        }

        if (_matching.Cardinality == MatchCardinality.OneToOne)
        {
            Reduce(many);
        }

        foreach (var name in _matching.Include)
        {
            _builder.Set(name, one.Get(name));
        }

        return _builder.Build();
    }

    private void Reduce(Labels many)
    {
        for (var i = 0; i < many.Count; i++)
        {
            var listed = false;
            foreach (var name in _matching.Labels)
            {
                listed |= name == many.NameAt(i);
            }

            if (listed != _matching.On)
            {
                _builder.Remove(many.NameAt(i));
            }
        }
    }
}
