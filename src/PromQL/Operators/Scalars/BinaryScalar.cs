using Deucalion.PromQL.Functions.Binary;

namespace Deucalion.PromQL.Operators.Scalars;

/// <summary>A binary operation of two scalars; comparisons yield 0 and 1.</summary>
internal sealed class BinaryScalar(BinaryKernel kernel, ScalarOperator left, ScalarOperator right) : ScalarOperator(left.Grid)
{
    public override async ValueTask OpenAsync(QueryContext context)
    {
        await left.OpenAsync(context);
        await right.OpenAsync(context);
        kernel.Apply(left.Values, right.Values, Values, BinaryResult.ZeroOrOne);
    }

    public override void Dispose()
    {
        left.Dispose();
        right.Dispose();
    }
}
