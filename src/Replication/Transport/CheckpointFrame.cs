using Deucalion.Common.Contracts.V1;
using Deucalion.Common.Protobuf;
using Google.Protobuf;

namespace Deucalion.Replication.Transport;

/// <summary>A <c>CheckpointChunk</c> as it was received; its bytes are those of the frame.</summary>
internal readonly ref struct CheckpointFrame
{
    /// <summary>Bytes in one chunk at most.</summary>
    public const int MaxData = 256 << 10;

    private CheckpointFrame(CheckpointStart? start, CheckpointEnd? end, long offset, ReadOnlySpan<byte> data)
    {
        Start = start;
        End = end;
        Offset = offset;
        Data = data;
    }

    /// <summary>What the checkpoint is, in the first chunk.</summary>
    public CheckpointStart? Start { get; }

    /// <summary>What it was as a whole, in the last chunk.</summary>
    public CheckpointEnd? End { get; }

    /// <summary>Where the bytes belong.</summary>
    public long Offset { get; }

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> Data { get; }

    /// <summary>Appends a chunk of bytes.</summary>
    public static void Write(ProtobufBuffer frame, long offset, ReadOnlySpan<byte> data)
    {
        frame.Number(CheckpointChunk.OffsetFieldNumber, (ulong)offset);
        frame.Field(CheckpointChunk.DataFieldNumber, data);
    }

    /// <summary>Reads a chunk without copying its bytes.</summary>
    /// <exception cref="ReplicaMessageFormatException">The frame is none.</exception>
    public static CheckpointFrame Read(ReadOnlySpan<byte> frame)
    {
        var reader = new ProtobufReader(frame);
        CheckpointStart? start = null;
        CheckpointEnd? end = null;
        ulong offset = 0;
        ReadOnlySpan<byte> data = default;
        while (reader.Position < frame.Length && reader.TryReadTag(frame.Length, out var field, out var wireType))
        {
            switch (field)
            {
                case CheckpointChunk.StartFieldNumber when reader.Expect(wireType, ProtobufReader.Bytes) && reader.TryReadRange(frame.Length, out var at, out var length):
                    start = Parse(CheckpointStart.Parser, frame.Slice(at, length));
                    continue;
                case CheckpointChunk.EndFieldNumber when reader.Expect(wireType, ProtobufReader.Bytes) && reader.TryReadRange(frame.Length, out var at, out var length):
                    end = Parse(CheckpointEnd.Parser, frame.Slice(at, length));
                    continue;
                case CheckpointChunk.OffsetFieldNumber when reader.Expect(wireType, ProtobufReader.Varint) && reader.TryReadVarint(frame.Length, out offset):
                    continue;
                case CheckpointChunk.DataFieldNumber when reader.Expect(wireType, ProtobufReader.Bytes) && reader.TryReadRange(frame.Length, out var at, out var length):
                    data = frame.Slice(at, length);
                    continue;
                case > CheckpointChunk.DataFieldNumber when reader.TrySkip(frame.Length, wireType):
                    continue;
                default:
                    break;
            }

            break;
        }

        return reader.Error is { } error
            ? throw new ReplicaMessageFormatException($"a chunk of a checkpoint is malformed at byte {reader.ErrorOffset}: {error}")
            : new CheckpointFrame(start, end, (long)offset, data);
    }

    private static T Parse<T>(MessageParser<T> parser, ReadOnlySpan<byte> bytes)
        where T : IMessage<T>
    {
        try
        {
            return parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException exception)
        {
            throw new ReplicaMessageFormatException($"a chunk of a checkpoint is malformed: {exception.Message}", exception);
        }
    }
}
