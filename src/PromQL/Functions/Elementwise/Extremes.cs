namespace Deucalion.PromQL.Functions.Elementwise;

/// <summary>The smaller and the larger of two numbers as Go sees it: NaN wins, but an infinity that cannot be beaten wins over NaN.</summary>
internal static class Extremes
{
    public static double Min(double a, double b) =>
        double.IsNegativeInfinity(a) || double.IsNegativeInfinity(b) ? double.NegativeInfinity : Math.Min(a, b);

    public static double Max(double a, double b) =>
        double.IsPositiveInfinity(a) || double.IsPositiveInfinity(b) ? double.PositiveInfinity : Math.Max(a, b);
}
