using System.Buffers;
using System.Buffers.Binary;
using Deucalion.Storage.Head.Records;

namespace Deucalion.Storage.Head.Checkpoints;

/// <summary>A checkpoint is a sequence of frames: 4 bytes length, lowest first, of what follows; a kind; a payload of whole items.</summary>
internal enum CheckpointFrame : byte
{
    /// <summary>Version, counters, free refs.</summary>
    Header = 1,

    /// <summary>Generations and recent truncations.</summary>
    Generations = 2,

    /// <summary>Series with their chunks.</summary>
    Series = 3,

    /// <summary>Metadata, as in a metadata record.</summary>
    Metadata = 4,

    /// <summary>Nothing follows.</summary>
    End = 5,
}

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

/// <summary>Reads frames.</summary>
internal sealed class CheckpointFrameReader(CheckpointRead read)
{
    private const int MaxLength = 1 << 30;
    private byte[] _buffer = new byte[128 * 1024];

    /// <summary>The next frame's kind and payload; the payload stays valid until the next call.</summary>
    public CheckpointFrame Next(out ReadOnlySpan<byte> payload)
    {
        Fill(_buffer.AsSpan(0, 5));
        var length = BinaryPrimitives.ReadInt32LittleEndian(_buffer) - 1;
        var kind = (CheckpointFrame)_buffer[4];
        if (length is < 0 or > MaxLength)
        {
            RecordReader.Malformed();
        }

        // In steps, so that a wrong length does not take memory that the bytes at hand do not justify.
        var filled = 0;
        while (filled < length)
        {
            if (filled == _buffer.Length)
            {
                Array.Resize(ref _buffer, Math.Min(_buffer.Length * 2, Math.Max(length, _buffer.Length)));
            }

            var part = Math.Min(_buffer.Length, length) - filled;
            Fill(_buffer.AsSpan(filled, part));
            filled += part;
        }

        payload = _buffer.AsSpan(0, length);
        return kind;
    }

    private void Fill(Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            var count = read(destination);
            if (count <= 0)
            {
                throw new HeadFormatException("a head checkpoint ends early");
            }

            destination = destination[count..];
        }
    }
}
