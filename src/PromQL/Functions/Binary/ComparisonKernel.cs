using Deucalion.PromQL.Operators;

namespace Deucalion.PromQL.Functions.Binary;

/// <summary>A comparison of two numbers.</summary>
internal interface IComparison
{
    static abstract bool Holds(double left, double right);
}

/// <summary>Comparison of columns.</summary>
internal sealed class ComparisonKernel<TComparison> : BinaryKernel
    where TComparison : struct, IComparison
{
    public override void Apply(ReadOnlySpan<double> left, ReadOnlySpan<double> right, Span<double> into, BinaryResult result)
    {
        right = right[..left.Length];
        into = into[..left.Length];
        for (var s = 0; s < left.Length; s++)
        {
            if (StepColumn.IsAbsent(left[s]) || StepColumn.IsAbsent(right[s]))
            {
                into[s] = StepColumn.Absent;
                continue;
            }

            var holds = TComparison.Holds(left[s], right[s]);
            into[s] = result switch
            {
                BinaryResult.ZeroOrOne => holds ? 1 : 0,
                BinaryResult.Left => holds ? left[s] : StepColumn.Absent,
                _ => holds ? right[s] : StepColumn.Absent,
            };
        }
    }
}

/// <summary>==</summary>
internal readonly struct EqualTo : IComparison
{
    public static bool Holds(double left, double right) => left == right;
}

/// <summary>!=</summary>
internal readonly struct NotEqualTo : IComparison
{
    public static bool Holds(double left, double right) => left != right;
}

/// <summary>&lt;</summary>
internal readonly struct Less : IComparison
{
    public static bool Holds(double left, double right) => left < right;
}

/// <summary>&lt;=</summary>
internal readonly struct LessOrEqual : IComparison
{
    public static bool Holds(double left, double right) => left <= right;
}

/// <summary>&gt;</summary>
internal readonly struct Greater : IComparison
{
    public static bool Holds(double left, double right) => left > right;
}

/// <summary>&gt;=</summary>
internal readonly struct GreaterOrEqual : IComparison
{
    public static bool Holds(double left, double right) => left >= right;
}
