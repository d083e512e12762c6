using Deucalion.PromQL.Functions.GoMath;
using Deucalion.PromQL.Operators;

namespace Deucalion.PromQL.Functions.Binary;

/// <summary>A function of two numbers.</summary>
internal interface IArithmetic
{
    static abstract double Apply(double left, double right);
}

/// <summary>Arithmetic over columns.</summary>
internal sealed class ArithmeticKernel<TFunction> : BinaryKernel
    where TFunction : struct, IArithmetic
{
    public override void Apply(ReadOnlySpan<double> left, ReadOnlySpan<double> right, Span<double> into, BinaryResult result)
    {
        right = right[..left.Length];
        into = into[..left.Length];
        for (var s = 0; s < left.Length; s++)
        {
            into[s] = StepColumn.IsAbsent(left[s]) || StepColumn.IsAbsent(right[s]) ? StepColumn.Absent : TFunction.Apply(left[s], right[s]);
        }
    }
}

/// <summary>+</summary>
internal readonly struct Add : IArithmetic
{
    public static double Apply(double left, double right) => left + right;
}

/// <summary>-</summary>
internal readonly struct Subtract : IArithmetic
{
    public static double Apply(double left, double right) => left - right;
}

/// <summary>*</summary>
internal readonly struct Multiply : IArithmetic
{
    public static double Apply(double left, double right) => left * right;
}

/// <summary>/</summary>
internal readonly struct Divide : IArithmetic
{
    public static double Apply(double left, double right) => left / right;
}

/// <summary>%, with the sign of the dividend</summary>
internal readonly struct Modulo : IArithmetic
{
    public static double Apply(double left, double right) => left % right;
}

/// <summary>^</summary>
internal readonly struct Power : IArithmetic
{
    public static double Apply(double left, double right) => Powers.Pow(left, right);
}

/// <summary>atan2</summary>
internal readonly struct ArcTangent : IArithmetic
{
    public static double Apply(double left, double right) => InverseCircular.Atan2(left, right);
}
