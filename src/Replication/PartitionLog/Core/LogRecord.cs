using Deucalion.Common.Contracts;

namespace Deucalion.Replication.PartitionLog.Core;

/// <summary>A record of a partition's log. The protocol never looks into the payload.</summary>
internal readonly record struct LogRecord(LogPoint Point, RecordKind Kind, ReadOnlyMemory<byte> Payload);
