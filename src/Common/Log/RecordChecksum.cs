using Deucalion.Common.Contracts;
using Deucalion.Common.Identifiers;

namespace Deucalion.Common.Log;

/// <summary>The checksum that is part of a record's name: over its header, as it stands in a journal, and its payload.</summary>
public static class RecordChecksum
{
    /// <summary>CRC-32C of the record.</summary>
    public static uint Of(PartitionId partition, long term, long seq, RecordKind kind, ReadOnlySpan<byte> payload)
    {
        Span<byte> header = stackalloc byte[JournalFormat.RecordHeaderLength];
        return JournalFormat.WriteRecordHeader(header, partition.Value, term, seq, kind, payload);
    }
}
