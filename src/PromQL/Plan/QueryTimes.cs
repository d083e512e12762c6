namespace Deucalion.PromQL.Plan;

/// <summary>Bounds and step of the query, Unix milliseconds; an instant query has step 0.</summary>
internal readonly record struct QueryTimes(long StartMs, long EndMs, long StepMs);
