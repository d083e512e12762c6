namespace Deucalion.PromQL.Parser;

/// <summary>Parts of the language that are off unless asked for.</summary>
public sealed record ParserOptions
{
    /// <summary>The language as a server without feature flags understands it.</summary>
    public static readonly ParserOptions Default = new();

    /// <summary>Everything on.</summary>
    public static readonly ParserOptions All = new() { ExperimentalFunctions = true, ExtendedRangeSelectors = true, BinopFillModifiers = true };

    /// <summary>Experimental functions, <c>limitk</c> and <c>limit_ratio</c>.</summary>
    public bool ExperimentalFunctions { get; init; }

    /// <summary>The modifiers <c>anchored</c> and <c>smoothed</c>.</summary>
    public bool ExtendedRangeSelectors { get; init; }

    /// <summary>The modifiers <c>fill</c>, <c>fill_left</c> and <c>fill_right</c>.</summary>
    public bool BinopFillModifiers { get; init; }
}
