using System.Collections.Immutable;

namespace Deucalion.Replication.PartitionLog.Core;

/// <summary>A run of records of one term.</summary>
internal readonly record struct TermSpan(long Term, long First);

/// <summary>
/// What a replica tells of its log so that a primary finds where both still agree: since (term, seq) is written once and every record was
/// accepted only behind its predecessor, two logs that share a (term, seq) are equal up to it.
/// </summary>
/// <param name="Base">Point of the checkpoint that the log begins behind.</param>
/// <param name="End">Last record.</param>
/// <param name="Spans">Runs of equal terms from the base on, oldest first.</param>
internal sealed record LogSummary(LogPoint Base, LogPoint End, ImmutableArray<TermSpan> Spans);
