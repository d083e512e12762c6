namespace Deucalion.PromQL.Operators.Selectors;

/// <summary>Where a selector or subquery looks from a step: <c>@</c> fixes the time, the offset then moves it back.</summary>
internal readonly record struct TimeShift(long? At, long Offset)
{
    public bool IsFixed => At.HasValue;

    /// <summary>The time looked at from a step at <paramref name="time"/>.</summary>
    public long Apply(long time) => (At ?? time) - Offset;
}
