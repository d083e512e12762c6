using System.Runtime.InteropServices;
using Deucalion.PromQL.Functions;

namespace Deucalion.PromQL.Operators.Aggregations;

/// <summary>quantile: keeps all values of a group.</summary>
internal sealed class QuantileAccumulator(int steps, ScalarOperator quantile) : FloatAccumulator
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

    protected override void FinishFloats(Span<double> result)
    {
        for (var s = 0; s < result.Length; s++)
        {
            if (_values[s] is { } values)
            {
                Cancellation.ThrowIfCancellationRequested();
                result[s] = Quantiles.OfUnsorted(quantile.Values[s], CollectionsMarshal.AsSpan(values));
            }
        }
    }
}
