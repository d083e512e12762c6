namespace Deucalion.Replication.PartitionLog.Core;

/// <summary>How far a replica is on its way to being the primary.</summary>
internal enum PrimaryPhase
{
    /// <summary>It is not, or not any more.</summary>
    None,

    /// <summary>The table names it; it is writing a new term of its own.</summary>
    Taking,

    /// <summary>The term is its own; a grant to the primary before may have to run out, and the term has to become durable.</summary>
    Entering,

    /// <summary>The term start is appended; it becomes committed when every in-sync member has promised the term and follows.</summary>
    Opening,

    /// <summary>It takes writes and answers reads.</summary>
    Open,
}
