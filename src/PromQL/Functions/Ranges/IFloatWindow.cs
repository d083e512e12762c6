namespace Deucalion.PromQL.Functions.Ranges;

/// <summary>A function of the floats in one window, which are at least one.</summary>
internal interface IFloatWindow
{
    static abstract double Apply(ReadOnlySpan<long> times, ReadOnlySpan<double> values);
}
