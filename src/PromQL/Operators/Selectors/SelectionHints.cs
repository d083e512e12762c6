using Deucalion.PromQL.Plan.Explanation;

namespace Deucalion.PromQL.Operators.Selectors;

/// <summary>What the expression around a selector needs of it.</summary>
/// <param name="Function">Name of the function or aggregation, a hint for the source.</param>
/// <param name="TotalsOnly">Whether count and sum of histograms suffice.</param>
/// <param name="Node">Where the selector reports what it reads.</param>
/// <param name="Samples">The samples, perhaps shared with other selectors.</param>
internal readonly record struct SelectionHints(string Function, bool TotalsOnly, PlanNode Node, SharedSamples Samples);
