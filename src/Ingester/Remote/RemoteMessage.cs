using Deucalion.Replication.Coordination;
using Google.Protobuf;

namespace Deucalion.Ingester.Remote;

/// <summary>What messages between nodes have in common.</summary>
internal static class RemoteMessage
{
    /// <summary>Reads a message; <paramref name="what"/> it is stands at the beginning of the error.</summary>
    /// <exception cref="RemoteFormatException">The bytes are none.</exception>
    public static T Parse<T>(MessageParser<T> parser, ReadOnlySpan<byte> bytes, string what)
        where T : IMessage<T>
    {
        try
        {
            return parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException exception)
        {
            throw new RemoteFormatException($"{what} is malformed: {exception.Message}", exception);
        }
    }

    /// <summary>The entry that a node knows of a partition which it does not lead; empty where it knows none.</summary>
    public static ByteString WriteEntry(PartitionEntry? entry) => entry is null ? ByteString.Empty : UnsafeByteOperations.UnsafeWrap(entry.Serialize());

    /// <summary>Reads what <see cref="WriteEntry"/> has written.</summary>
    /// <exception cref="RemoteFormatException">The bytes are no entry.</exception>
    public static PartitionEntry? ReadEntry(ByteString entry)
    {
        try
        {
            return entry.IsEmpty ? null : PartitionEntry.Parse(entry.Span);
        }
        catch (CoordinationException exception)
        {
            throw new RemoteFormatException(exception.Message, exception);
        }
    }
}
