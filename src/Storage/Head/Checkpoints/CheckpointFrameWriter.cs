using System.Buffers;
using System.Buffers.Binary;
using Deucalion.Storage.Head.Records;

namespace Deucalion.Storage.Head.Checkpoints;

/// <summary>Writes frames.</summary>
internal sealed class CheckpointFrameWriter(IBufferWriter<byte> output)
{
    // Large enough that the framing costs nothing, small enough for any buffer writer.
    private const int TargetLength = 64 * 1024;

    /// <summary>The frame's payload.</summary>
    public RecordBuffer Payload { get; } = new();

    /// <summary>Whether the frame should end behind the current item.</summary>
    public bool IsFull => Payload.Length >= TargetLength;

    /// <summary>Ends the frame.</summary>
    public void Flush(CheckpointFrame kind)
    {
        Span<byte> header = stackalloc byte[5];
        BinaryPrimitives.WriteInt32LittleEndian(header, Payload.Length + 1);
        header[4] = (byte)kind;
        output.Write(header);
        output.Write(Payload.Written);
        Payload.Clear();
    }
}
