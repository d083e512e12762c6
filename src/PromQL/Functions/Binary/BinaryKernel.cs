using Deucalion.PromQL.Ast;

namespace Deucalion.PromQL.Functions.Binary;

/// <summary>What a comparison yields.</summary>
internal enum BinaryResult
{
    /// <summary>The left value where it holds, else nothing.</summary>
    Left,

    /// <summary>The right value where it holds, else nothing.</summary>
    Right,

    /// <summary>1 where it holds, else 0.</summary>
    ZeroOrOne,
}

/// <summary>A binary operator over columns of floats. A step where either side is absent yields nothing. Stateless.</summary>
internal abstract class BinaryKernel
{
    /// <param name="left">Left operands.</param>
    /// <param name="right">Right operands.</param>
    /// <param name="into">Results; may be one of the operands.</param>
    /// <param name="result">What comparisons yield; arithmetic ignores it.</param>
    public abstract void Apply(ReadOnlySpan<double> left, ReadOnlySpan<double> right, Span<double> into, BinaryResult result);

    /// <summary>The kernel of an operator of numbers, or null for set operators.</summary>
    public static BinaryKernel? For(BinaryOp op) => op switch
    {
        BinaryOp.Add => new ArithmeticKernel<Add>(),
        BinaryOp.Sub => new ArithmeticKernel<Subtract>(),
        BinaryOp.Mul => new ArithmeticKernel<Multiply>(),
        BinaryOp.Div => new ArithmeticKernel<Divide>(),
        BinaryOp.Mod => new ArithmeticKernel<Modulo>(),
        BinaryOp.Pow => new ArithmeticKernel<Power>(),
        BinaryOp.Atan2 => new ArithmeticKernel<ArcTangent>(),
        BinaryOp.Eql => new ComparisonKernel<EqualTo>(),
        BinaryOp.Neq => new ComparisonKernel<NotEqualTo>(),
        BinaryOp.Lss => new ComparisonKernel<Less>(),
        BinaryOp.Lte => new ComparisonKernel<LessOrEqual>(),
        BinaryOp.Gtr => new ComparisonKernel<Greater>(),
        BinaryOp.Gte => new ComparisonKernel<GreaterOrEqual>(),
        _ => null,
    };
}
