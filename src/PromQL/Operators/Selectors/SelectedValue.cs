namespace Deucalion.PromQL.Operators.Selectors;

/// <summary>What an instant selector yields of the sample it found.</summary>
internal enum SelectedValue
{
    /// <summary>The sample's value.</summary>
    Value,

    /// <summary>The sample's time in seconds: <c>timestamp(selector)</c>.</summary>
    Time,

    /// <summary>The sample's start time in seconds, 0 where unknown: <c>start_timestamp(selector)</c>.</summary>
    StartTime,
}
