namespace Deucalion.PromQL.Functions.GoMath;

/// <summary>The greater and the lesser of two numbers; unlike elsewhere an infinity that decides wins over NaN.</summary>
internal static class Extremes
{
    /// <summary>The greater number; +Inf if either is, else NaN if either is.</summary>
    public static double Max(double x, double y) =>
        x == double.PositiveInfinity || y == double.PositiveInfinity ? double.PositiveInfinity : Math.Max(x, y);

    /// <summary>The lesser number; -Inf if either is, else NaN if either is.</summary>
    public static double Min(double x, double y) =>
        x == double.NegativeInfinity || y == double.NegativeInfinity ? double.NegativeInfinity : Math.Min(x, y);
}
