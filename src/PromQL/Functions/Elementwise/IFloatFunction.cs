namespace Deucalion.PromQL.Functions.Elementwise;

/// <summary>A function of one number.</summary>
internal interface IFloatFunction
{
    static abstract double Apply(double value);
}

/// <summary>A function of one number and a parameter.</summary>
internal interface IFloatParameterFunction
{
    static abstract double Apply(double value, double parameter);
}
