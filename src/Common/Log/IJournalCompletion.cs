using Deucalion.Common.Identifiers;

namespace Deucalion.Common.Log;

/// <summary>Is told what became of an appended record.</summary>
public interface IJournalCompletion
{
    /// <summary>
    /// The record is durable, or (with <paramref name="error"/>) it is not known to be. Called on the journal's thread, once for each record, in order of
    /// appending; must return quickly and must not throw.
    /// </summary>
    void Completed(PartitionId partition, long term, long seq, JournalPosition end, Exception? error);
}
