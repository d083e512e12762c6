using Deucalion.PromQL.Functions.GoMath;

namespace Deucalion.PromQL.Functions.Elementwise;

/// <summary>clamp_min; NaN on either side stays, but for an infinite bound that decides.</summary>
internal readonly struct ClampMin : IFloatParameterFunction
{
    public static double Apply(double value, double parameter) => Extremes.Max(parameter, value);
}

/// <summary>clamp_max; NaN on either side stays, but for an infinite bound that decides.</summary>
internal readonly struct ClampMax : IFloatParameterFunction
{
    public static double Apply(double value, double parameter) => Extremes.Min(parameter, value);
}

/// <summary>round to a multiple, halves up.</summary>
internal readonly struct RoundTo : IFloatParameterFunction
{
    public static double Apply(double value, double parameter)
    {
        // Multiplying by the inverse is more exact for parameters like 0.1 than dividing.
        var inverse = 1.0 / parameter;
        return Math.Floor((value * inverse) + 0.5) / inverse;
    }
}
