using Deucalion.Common.Contracts.V1;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Protobuf;
using Deucalion.Replication.PartitionLog.Core;
using Deucalion.Replication.Transport;
using Google.Protobuf;
using Xunit;

namespace Deucalion.Replication.Tests.Transport;

public sealed class ReplicaMessageCodecProperties
{
    [Fact]
    public void ReadsBackWhatWasWritten_ForMessagesOfAllKinds()
    {
        var random = new Random(1);
        using var frame = new ProtobufBuffer();
        for (var round = 0; round < 300; round++)
        {
            frame.Clear();
            var sent = new List<(int Partition, ReplicaMessage Message)>();
            for (var i = random.Next(2 * RandomMessages.Kinds); i >= 0; i--)
            {
                var partition = random.Next(1 << random.Next(1, 30));
                var message = RandomMessages.Next(random, partition, random.Next(RandomMessages.Kinds));
                sent.Add((partition, message));
                ReplicaMessageCodec.Write(frame, new PartitionId(partition), message);
            }

            Assert.Equal(
                sent.Select(static x => $"{x.Partition}: {RandomMessages.Describe(x.Message)}"),
                ReadAll(frame.Memory.ToArray()).Select(static x => $"{x.Partition}: {RandomMessages.Describe(x.Message!)}"));
        }
    }

    [Fact]
    public void WritesWhatTheContractSays()
    {
        // The frame is put together by hand: generated code has to find the same in it, and write the same.
        var random = new Random(2);
        using var frame = new ProtobufBuffer();
        for (var kind = 0; kind < RandomMessages.Kinds; kind++)
        {
            ReplicaMessageCodec.Write(frame, new PartitionId(7), RandomMessages.Next(random, 7, kind));
        }

        var parsed = ReplicaFrame.Parser.ParseFrom(frame.Span);
        Assert.Equal(RandomMessages.Kinds, parsed.Messages.Select(static x => x.BodyCase).Distinct().Count());
        Assert.DoesNotContain(ReplicaEnvelope.BodyOneofCase.None, parsed.Messages.Select(static x => x.BodyCase));
        Assert.Equal(parsed.ToByteArray(), frame.Span.ToArray());
        Assert.Equal(
            ReadAll(frame.Memory.ToArray()).Select(static x => RandomMessages.Describe(x.Message!)),
            ReadAll(parsed.ToByteArray()).Select(static x => RandomMessages.Describe(x.Message!)));
    }

    [Fact]
    public void SkipsWhatANewerVersionAdds()
    {
        using var frame = new ProtobufBuffer();
        ReplicaMessageCodec.Write(frame, new PartitionId(1), new GrantReleased(3));
        using var newer = new ProtobufBuffer();
        newer.Number(9, 12);
        newer.Field(11, "of a later version"u8);
        frame.Span.CopyTo(newer.Append(frame.Length));

        // An envelope with a kind and a field that are unknown here.
        var unknown = newer.BeginField(ReplicaFrame.MessagesFieldNumber);
        newer.Number(1, 5);
        newer.Number(2, 8);
        newer.Field(900, "a kind"u8);
        newer.EndField(unknown);
        var known = newer.BeginField(ReplicaFrame.MessagesFieldNumber);
        newer.Field(901, "a field"u8);
        newer.Number(2, 9);
        newer.Field(ReplicaEnvelope.CommitQueryFieldNumber, new CommitQueryBody { Read = 6 });
        newer.EndField(known);

        Assert.Equal(
            [(1, new GrantReleased(3)), (5, null), (0, new CommitQuery(9, 6))],
            ReadAll(newer.Memory.ToArray()));
    }

    [Fact]
    public void KeepsNothingOfTheFrame()
    {
        var message = RandomMessages.Append(new Random(3), 4, 9, 8, 300);
        using var frame = new ProtobufBuffer();
        ReplicaMessageCodec.Write(frame, new PartitionId(4), message);
        var bytes = frame.Memory.ToArray();
        var (_, read) = Assert.Single(ReadAll(bytes));
        Array.Fill(bytes, (byte)0xEE);
        Assert.Equal(RandomMessages.Describe(message), RandomMessages.Describe(read!));
    }

    [Fact]
    public void AllocatesByMessageAndNotByRecord_WhenWriting()
    {
        var message = RandomMessages.Append(new Random(4), 4, 9, 500, 64);
        using var frame = new ProtobufBuffer();
        Write();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Write();
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 500);

        void Write()
        {
            frame.Clear();
            ReplicaMessageCodec.Write(frame, new PartitionId(4), message);
        }
    }

    internal static List<(int Partition, ReplicaMessage? Message)> ReadAll(byte[] bytes)
    {
        var messages = new List<(int, ReplicaMessage?)>();
        var reader = new ProtobufReader(bytes);
        while (ReplicaMessageCodec.TryNext(ref reader, bytes.Length, out var offset, out var length))
        {
            var partition = ReplicaMessageCodec.Read(bytes.AsSpan(offset, length), out var message);
            messages.Add((partition.Value, message));
        }

        return messages;
    }
}
