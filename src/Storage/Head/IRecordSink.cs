using System.Buffers;
using Deucalion.Common.Contracts;

namespace Deucalion.Storage.Head;

/// <summary>Takes the log records that a head stages, in order. Implemented by the partition, which writes the tenant in front of each payload.</summary>
public interface IRecordSink
{
    /// <summary>Begins a record; the head appends its part of the payload to the writer.</summary>
    IBufferWriter<byte> Begin(RecordKind kind);

    /// <summary>Ends the record begun last.</summary>
    void End();
}
