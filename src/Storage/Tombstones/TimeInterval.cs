namespace Deucalion.Storage.Tombstones;

/// <summary>A range of time, Unix milliseconds, both ends included.</summary>
public readonly record struct TimeInterval(long Min, long Max)
{
    /// <summary>Whether the time lies in the range.</summary>
    public bool Contains(long time) => time >= Min && time <= Max;
}
