using System.Runtime.InteropServices;
using Deucalion.PromQL.Annotations;
using Deucalion.PromQL.Ast;
using Deucalion.PromQL.Functions;

namespace Deucalion.PromQL.Operators.Aggregations;

/// <summary>quantile: keeps all values of a group.</summary>
internal sealed class QuantileAccumulator(int steps, ScalarOperator quantile, PositionRange quantilePosition) : FloatAccumulator
{
    private readonly List<double>?[] _values = new List<double>?[steps];
    private long _kept;

    public override long Bytes => (8L * _values.Length) + (16 * _kept);

    protected override void AddFloats(ReadOnlySpan<double> values)
    {
        for (var s = 0; s < values.Length; s++)
        {
            if (!StepColumn.IsAbsent(values[s]))
            {
                (_values[s] ??= []).Add(values[s]);
                _kept++;
            }
        }
    }

    protected override void FinishFloats(Span<double> result, AggregationNotes notes)
    {
        for (var s = 0; s < result.Length; s++)
        {
            if (_values[s] is not { } values)
            {
                continue;
            }

            var q = quantile.Values[s];
            if (double.IsNaN(q) || q < 0 || q > 1)
            {
                notes.Annotations.Warn(AnnotationTexts.InvalidQuantile(q), quantilePosition);
            }

            result[s] = Quantiles.OfUnsorted(q, CollectionsMarshal.AsSpan(values));
        }
    }
}
