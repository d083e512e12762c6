using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Deucalion.Common.Wire;

/// <summary>Writes messages as frames (see <see cref="FrameReader"/>) and flushes each. One write at a time.</summary>
internal static class FrameWriter
{
    // Parts of a large message: a stream may buffer what it is given, so it is given no more at once.
    private const int Part = 64 << 10;

    // What is smaller goes out in one piece with its header.
    private const int Together = 16 << 10;

    /// <summary>Returns when the stream has taken the message. <see cref="WireException"/> where it is too large; failures of the stream pass through.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public static async ValueTask WriteAsync(Stream stream, ReadOnlyMemory<byte> message, int maxMessageSize, CancellationToken cancellationToken)
    {
        if (message.Length > maxMessageSize)
        {
            throw new WireException(WireStatus.ResourceExhausted, $"the message has {message.Length} bytes, at most {maxMessageSize} are sent");
        }

        var first = Math.Min(message.Length, Together);
        var head = ArrayPool<byte>.Shared.Rent(FrameReader.HeaderLength + first);
        head[0] = 0;
        BinaryPrimitives.WriteUInt32BigEndian(head.AsSpan(1), (uint)message.Length);
        message.Span[..first].CopyTo(head.AsSpan(FrameReader.HeaderLength));
        await stream.WriteAsync(head.AsMemory(0, FrameReader.HeaderLength + first), cancellationToken);

        // Returned only here: a write that failed may still hold it.
        ArrayPool<byte>.Shared.Return(head);
        for (var sent = first; sent < message.Length; sent += Part)
        {
            await stream.WriteAsync(message.Slice(sent, Math.Min(Part, message.Length - sent)), cancellationToken);
        }

        await stream.FlushAsync(cancellationToken);
    }
}
