namespace Deucalion.PromQL.Functions.Rates;

/// <summary>What start timestamps say about a counter.</summary>
internal static class StartTimeReset
{
    /// <summary>Whether a sample's start time tells of a reset after the sample before.</summary>
    public static bool Between(long previousStart, long previousTime, long start, long time)
    {
        if (start == 0 || start >= time)
        {
            return false;
        }

        return start > previousTime || (start == previousTime && previousStart != 0 && previousStart < previousTime);
    }

    /// <summary>Whether a sample claims to have started before the sample of another start.</summary>
    public static bool Overlaps(long previousStart, long previousTime, long start) => start != 0 && start < previousTime && start != previousStart;

    /// <summary>Whether the counter is known to have been zero within the window, before its first sample.</summary>
    public static bool IsZeroInside(long start, long time, long rangeStart) => start != 0 && rangeStart < start && start < time;
}
