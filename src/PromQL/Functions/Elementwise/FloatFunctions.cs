using Deucalion.PromQL.Functions.GoMath;

namespace Deucalion.PromQL.Functions.Elementwise;

/// <summary>abs</summary>
internal readonly struct Abs : IFloatFunction
{
    public static double Apply(double value) => Math.Abs(value);
}

/// <summary>ceil</summary>
internal readonly struct Ceil : IFloatFunction
{
    public static double Apply(double value) => Math.Ceiling(value);
}

/// <summary>floor</summary>
internal readonly struct Floor : IFloatFunction
{
    public static double Apply(double value) => Math.Floor(value);
}

/// <summary>exp</summary>
internal readonly struct Exp : IFloatFunction
{
    public static double Apply(double value) => Exponentials.Exp(value);
}

/// <summary>sqrt</summary>
internal readonly struct Sqrt : IFloatFunction
{
    public static double Apply(double value) => Math.Sqrt(value);
}

/// <summary>ln</summary>
internal readonly struct Ln : IFloatFunction
{
    public static double Apply(double value) => Logarithms.Log(value);
}

/// <summary>log2</summary>
internal readonly struct Log2 : IFloatFunction
{
    public static double Apply(double value) => Logarithms.Log2(value);
}

/// <summary>log10</summary>
internal readonly struct Log10 : IFloatFunction
{
    public static double Apply(double value) => Logarithms.Log10(value);
}

/// <summary>sin</summary>
internal readonly struct Sin : IFloatFunction
{
    public static double Apply(double value) => Circular.Sin(value);
}

/// <summary>cos</summary>
internal readonly struct Cos : IFloatFunction
{
    public static double Apply(double value) => Circular.Cos(value);
}

/// <summary>tan</summary>
internal readonly struct Tan : IFloatFunction
{
    public static double Apply(double value) => Circular.Tan(value);
}

/// <summary>asin</summary>
internal readonly struct Asin : IFloatFunction
{
    public static double Apply(double value) => InverseCircular.Asin(value);
}

/// <summary>acos</summary>
internal readonly struct Acos : IFloatFunction
{
    public static double Apply(double value) => InverseCircular.Acos(value);
}

/// <summary>atan</summary>
internal readonly struct Atan : IFloatFunction
{
    public static double Apply(double value) => InverseCircular.Atan(value);
}

/// <summary>sinh</summary>
internal readonly struct Sinh : IFloatFunction
{
    public static double Apply(double value) => Hyperbolic.Sinh(value);
}

/// <summary>cosh</summary>
internal readonly struct Cosh : IFloatFunction
{
    public static double Apply(double value) => Hyperbolic.Cosh(value);
}

/// <summary>tanh</summary>
internal readonly struct Tanh : IFloatFunction
{
    public static double Apply(double value) => Hyperbolic.Tanh(value);
}

/// <summary>asinh</summary>
internal readonly struct Asinh : IFloatFunction
{
    public static double Apply(double value) => InverseHyperbolic.Asinh(value);
}

/// <summary>acosh</summary>
internal readonly struct Acosh : IFloatFunction
{
    public static double Apply(double value) => InverseHyperbolic.Acosh(value);
}

/// <summary>atanh</summary>
internal readonly struct Atanh : IFloatFunction
{
    public static double Apply(double value) => InverseHyperbolic.Atanh(value);
}

/// <summary>deg</summary>
internal readonly struct Deg : IFloatFunction
{
    public static double Apply(double value) => value * 180 / Math.PI;
}

/// <summary>rad</summary>
internal readonly struct Rad : IFloatFunction
{
    public static double Apply(double value) => value * Math.PI / 180;
}

/// <summary>sgn</summary>
internal readonly struct Sgn : IFloatFunction
{
    public static double Apply(double value) => value < 0 ? -1 : value > 0 ? 1 : value;
}
