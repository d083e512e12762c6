namespace Deucalion.Replication.PartitionLog.Core;

/// <summary>Encodes the record that the protocol itself writes.</summary>
internal interface ITermStart
{
    /// <summary>The first record of a term, behind the end of the log.</summary>
    LogRecord Encode(long term, LogPoint previous, ReplicaId self);
}
