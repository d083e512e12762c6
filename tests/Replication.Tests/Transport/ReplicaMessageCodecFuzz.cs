using Deucalion.Common.Contracts;
using Deucalion.Common.Contracts.V1;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Protobuf;
using Deucalion.Replication.PartitionLog.Core;
using Deucalion.Replication.Transport;
using Google.Protobuf;
using Xunit;

namespace Deucalion.Replication.Tests.Transport;

public sealed class ReplicaMessageCodecFuzz
{
    [Fact]
    public void FailsOnlyByItsOwnException_WhateverTheBytes()
    {
        var random = new Random(11);
        using var frame = new ProtobufBuffer();
        int read = 0, refused = 0;
        for (var round = 0; round < 30_000; round++)
        {
            frame.Clear();
            for (var i = random.Next(1, 4); i > 0; i--)
            {
                var partition = random.Next(300);
                ReplicaMessageCodec.Write(frame, new PartitionId(partition), RandomMessages.Next(random, partition, random.Next(RandomMessages.Kinds)));
            }

            var bytes = Damage(random, frame.Memory.ToArray());
            try
            {
                read += ReplicaMessageCodecProperties.ReadAll(bytes).Count;
            }
            catch (ReplicaMessageFormatException)
            {
                refused++;
            }
        }

        Assert.True(read > 1000 && refused > 1000, $"{read} read, {refused} refused");
    }

    [Fact]
    public void RefusesRecords_WhenAnyBitOfThemIsWrong()
    {
        var message = RandomMessages.Append(new Random(12), 3, 5, 3, 30);
        using var frame = new ProtobufBuffer();
        ReplicaMessageCodec.Write(frame, new PartitionId(3), message);
        var bytes = frame.Memory.ToArray();
        var start = bytes.Length - (int)ReplicaRecords.SizeOf(message.Records);
        for (var bit = 8 * start; bit < 8 * bytes.Length; bit++)
        {
            var damaged = (byte[])bytes.Clone();
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Throws<ReplicaMessageFormatException>(() => ReplicaMessageCodecProperties.ReadAll(damaged));
        }
    }

    [Fact]
    public void RefusesRecords_WhenTheyDoNotFollowEachOther()
    {
        var whole = RandomMessages.Append(new Random(13), 3, 5, 4, 30);
        Refused(whole with { Records = whole.Records.RemoveAt(1) });
        Refused(whole with { Records = whole.Records.RemoveAt(0) });
        Refused(whole with { Previous = whole.Previous with { Seq = whole.Previous.Seq + 1 } });
        Refused(whole with { Term = 0 });
        Refused(whole, partition: 4);

        // Kinds of later versions, and notes, which are of one journal alone.
        foreach (var kind in new[] { 0, 9, 63, 66, 69, 75, 85, 96, 255 })
        {
            var last = whole.Records[^1];
            Refused(whole with { Records = whole.Records.SetItem(3, RandomMessages.Record(3, last.Point.Term, last.Point.Seq, (RecordKind)kind, last.Payload.ToArray())) });
        }

        Assert.Equal(RandomMessages.Describe(whole), RandomMessages.Describe(Assert.Single(ReplicaMessageCodecProperties.ReadAll(Written(whole, 3))).Message!));

        static void Refused(AppendRecords message, int partition = 3) =>
            Assert.Throws<ReplicaMessageFormatException>(() => ReplicaMessageCodecProperties.ReadAll(Written(message, partition)));

        static byte[] Written(AppendRecords message, int partition)
        {
            using var frame = new ProtobufBuffer();
            ReplicaMessageCodec.Write(frame, new PartitionId(3), message);
            var parsed = ReplicaFrame.Parser.ParseFrom(frame.Span);
            parsed.Messages[0].Partition = partition;
            return parsed.ToByteArray();
        }
    }

    private static byte[] Damage(Random random, byte[] bytes)
    {
        switch (random.Next(5))
        {
            case 0:
                return bytes[..random.Next(bytes.Length)];
            case 1:
                random.NextBytes(bytes.AsSpan(random.Next(bytes.Length)));
                return bytes;
            case 2:
                return [.. bytes[random.Next(bytes.Length)..], .. bytes];
            default:
                for (var i = random.Next(1, 6); i > 0; i--)
                {
                    bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                }

                return bytes;
        }
    }
}
