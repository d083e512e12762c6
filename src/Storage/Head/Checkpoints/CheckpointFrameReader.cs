using System.Buffers.Binary;
using Deucalion.Storage.Head.Records;

namespace Deucalion.Storage.Head.Checkpoints;

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
