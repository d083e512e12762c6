using Deucalion.PromQL.Functions.Binary;

namespace Deucalion.PromQL.Operators.Scalars;

/// <summary>A binary operation of two scalars; comparisons yield 0 and 1.</summary>
internal sealed class BinaryScalar(BinaryKernel kernel, ScalarOperator left, ScalarOperator right) : ScalarOperator(left.Grid)
{
    private const int StepsAtOnce = 16 * 1024;

    public override async ValueTask OpenAsync(QueryContext context)
    {
        await left.OpenAsync(context);
        await right.OpenAsync(context);
        for (var from = 0; from < Values.Length; from += StepsAtOnce)
        {
            context.CancellationToken.ThrowIfCancellationRequested();
            var n = Math.Min(StepsAtOnce, Values.Length - from);
            kernel.Apply(left.Values.AsSpan(from, n), right.Values.AsSpan(from, n), Values.AsSpan(from, n), BinaryResult.ZeroOrOne);
        }
    }

    public override void Dispose()
    {
        left.Dispose();
        right.Dispose();
    }
}
