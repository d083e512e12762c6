namespace Deucalion.PromQL.Operators.Scalars;

/// <summary>Unary minus of a scalar.</summary>
internal sealed class NegateScalar(ScalarOperator inner) : ScalarOperator(inner.Grid)
{
    public override async ValueTask OpenAsync(QueryContext context)
    {
        await inner.OpenAsync(context);
        for (var s = 0; s < Values.Length; s++)
        {
            Values[s] = -inner.Values[s];
        }
    }

    public override void Dispose() => inner.Dispose();
}
