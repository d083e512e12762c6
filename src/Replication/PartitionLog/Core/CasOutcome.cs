namespace Deucalion.Replication.PartitionLog.Core;

/// <summary>What the store said to a compare-and-swap.</summary>
internal enum CasOutcome
{
    /// <summary>It took effect.</summary>
    Done,

    /// <summary>The version was another one: this attempt had no effect (an earlier one may have).</summary>
    Conflict,

    /// <summary>No answer, or one that says nothing: it may have taken effect, or may still.</summary>
    Unknown,
}
