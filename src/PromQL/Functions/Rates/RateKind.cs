namespace Deucalion.PromQL.Functions.Rates;

/// <summary>The functions that compare the ends of a window.</summary>
internal enum RateKind
{
    /// <summary>rate: a counter's increase per second.</summary>
    Rate,

    /// <summary>increase: a counter's increase over the window.</summary>
    Increase,

    /// <summary>delta: a gauge's difference over the window.</summary>
    Delta,
}
