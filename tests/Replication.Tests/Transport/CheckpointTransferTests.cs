using Deucalion.Common.Contracts.V1;
using Deucalion.Common.Hashing;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Protobuf;
using Deucalion.Common.Wire;
using Deucalion.Replication.Transport;
using Deucalion.Testing.Processes;
using Google.Protobuf;
using Testing.Disk;
using Xunit;

namespace Deucalion.Replication.Tests.Transport;

public sealed class CheckpointTransferTests
{
    private const string Transfers = "deucalion_replication_checkpoints_total";

    private static readonly PartitionId Partition = new(6);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(CheckpointFrame.MaxData)]
    [InlineData((3 * CheckpointFrame.MaxData) + 17)]
    public async Task ArrivesWhole_AndOutlivesALossOfPower(int length)
    {
        await using var a = await TransportNode.StartAsync(1);
        await using var b = await TransportNode.StartAsync(2);
        a.Knows(b);
        var bytes = Bytes(length);
        a.Streams.SendCheckpoint(b.Id, Partition, 5, () => new PieceStream(bytes));
        await a.CountedAsync(Transfers, 1);
        Assert.Equal([(a.Id, 6, 5, "/incoming/6.checkpoint")], b.Checkpoints);
        b.Disk.Crash();
        Assert.Equal(["6.checkpoint"], b.IncomingFiles());
        Assert.Equal(bytes, b.Read("/incoming/6.checkpoint"));
        Assert.Equal(2 * length, a.Meters.Sum("deucalion_replication_checkpoint_bytes_total") + b.Meters.Sum("deucalion_replication_checkpoint_bytes_total"));
    }

    [Fact]
    public async Task ReplacesTheOneBefore()
    {
        await using var a = await TransportNode.StartAsync(1);
        await using var b = await TransportNode.StartAsync(2);
        a.Knows(b);
        for (var i = 1; i <= 3; i++)
        {
            var bytes = Bytes(100_000 * i);
            a.Streams.SendCheckpoint(b.Id, Partition, i, () => new MemoryStream(bytes));
            await a.CountedAsync(Transfers, i);
            Assert.Equal(bytes, b.Read("/incoming/6.checkpoint"));
        }

        Assert.Equal([1, 2, 3], b.Checkpoints.Select(static x => x.Term));
    }

    [Fact]
    public async Task LeavesNothing_WhenTheSourceFails()
    {
        await using var a = await TransportNode.StartAsync(1);
        await using var b = await TransportNode.StartAsync(2);
        a.Knows(b);
        a.Streams.SendCheckpoint(b.Id, Partition, 5, static () => throw new IOException("no such file"));
        await a.CountedAsync(Transfers, 1);
        await b.CountedAsync(Transfers, 1);
        a.Streams.SendCheckpoint(b.Id, Partition, 5, () => new PieceStream(Bytes(1_000_000)) { FailsAt = 700_000 });
        await a.CountedAsync(Transfers, 2);
        await b.CountedAsync(Transfers, 2);
        Assert.Empty(b.Checkpoints);
        Assert.Empty(b.IncomingFiles());

        // Nothing is left of it in memory either.
        a.Streams.SendCheckpoint(b.Id, Partition, 5, static () => new MemoryStream([1, 2, 3]));
        await a.CountedAsync(Transfers, 3);
        Assert.Equal([1, 2, 3], b.Read(Assert.Single(b.Checkpoints).Path));
    }

    [Theory]
    [InlineData(DiskOperation.Create)]
    [InlineData(DiskOperation.Append)]
    [InlineData(DiskOperation.Sync)]
    [InlineData(DiskOperation.Rename)]
    [InlineData(DiskOperation.SyncDirectory)]
    public async Task LeavesNothing_WhenTheDiskFails(DiskOperation operation)
    {
        await using var a = await TransportNode.StartAsync(1);
        await using var b = await TransportNode.StartAsync(2);
        a.Knows(b);
        b.Disk.Fault = (at, _) => at == operation ? new IOException("the disk failed") : null;
        a.Streams.SendCheckpoint(b.Id, Partition, 5, () => new MemoryStream(Bytes(500_000)));
        await a.CountedAsync(Transfers, 1);
        await b.CountedAsync(Transfers, 1);
        b.Disk.Fault = null;
        Assert.Empty(b.Checkpoints);
        Assert.Empty(b.IncomingFiles());
    }

    [Fact]
    public async Task IsNotTaken_WhenItWouldEatTheReserveOfTheDisk()
    {
        await using var a = await TransportNode.StartAsync(1);
        await using var b = await TransportNode.StartAsync(2, new TransportOptions { ReserveBytes = 1_000_000 });
        a.Knows(b);
        b.Disk.Capacity = 20_000_000;
        a.Streams.SendCheckpoint(b.Id, Partition, 5, static () => new MemoryStream([1]));
        await b.CountedAsync(Transfers, 1);
        Assert.Empty(b.Checkpoints);
        Assert.Empty(b.IncomingFiles());
    }

    [Fact]
    public async Task IsRefused_WhenItsPartsDoNotFit()
    {
        await using var a = await TransportNode.StartAsync(1);
        await using var b = await TransportNode.StartAsync(2);
        var crc = Crc32C.Compute("abcdef"u8);
        Assert.Equal(WireStatus.DataLoss, await OutcomeAsync(Start(), Data(0, "abc"), Data(4, "def"), End(6, crc)));
        Assert.Equal(WireStatus.DataLoss, await OutcomeAsync(Start(), Data(0, "abc"), Data(0, "abc"), End(6, crc)));
        Assert.Equal(WireStatus.DataLoss, await OutcomeAsync(Start(), Data(0, "abc"), End(6, crc)));
        Assert.Equal(WireStatus.DataLoss, await OutcomeAsync(Start(), Data(0, "abc"), Data(3, "deg"), End(6, crc)));
        Assert.Equal(WireStatus.DataLoss, await OutcomeAsync(Start(), Data(0, "abc"), Data(3, "def")));
        Assert.Equal(WireStatus.DataLoss, await OutcomeAsync(Start(), [0xFF]));
        Assert.Equal(WireStatus.DataLoss, await OutcomeAsync(Data(0, "abc")));
        Assert.Equal(WireStatus.DataLoss, await OutcomeAsync(Start(partition: -1)));
        Assert.Empty(b.Checkpoints);
        Assert.Empty(b.IncomingFiles());
        Assert.Equal(WireStatus.Ok, await OutcomeAsync(Start(), Data(0, "abc"), Data(3, "def"), End(6, crc)));

        async Task<WireStatus> OutcomeAsync(params byte[][] messages)
        {
            using var channel = a.ChannelTo(b);
            await using var stream = await channel.OpenAsync(ReplicaProtocol.Checkpoint, CancellationToken.None);
            try
            {
                foreach (var message in messages)
                {
                    await stream.SendAsync(message, CancellationToken.None);
                }

                await stream.CompleteAsync(CancellationToken.None);
            }
            catch (WireException)
            {
                // Refused before everything was sent: the receiver is told why.
            }

            try
            {
                while (await stream.ReceiveAsync(CancellationToken.None) is not null)
                {
                }

                return WireStatus.Ok;
            }
            catch (WireException refused)
            {
                return refused.Status;
            }
        }
    }

    [Fact]
    public async Task RunsOnceForAPlace_AndAFewAtATime()
    {
        await using var a = await TransportNode.StartAsync(1);
        await using var b = await TransportNode.StartAsync(2);
        a.Knows(b);
        using var gate = new ManualResetEventSlim();
        var opened = 0;
        for (var i = 0; i < 5; i++)
        {
            Assert.True(a.Streams.SendCheckpoint(b.Id, new PartitionId(i), 1, Open));
            Assert.False(a.Streams.SendCheckpoint(b.Id, new PartitionId(i), 1, Open));
        }

        // Skipped are the second ones.
        Assert.Equal(5, a.Meters.Sum(Transfers));
        await Eventually.TrueAsync(() => Task.FromResult(Volatile.Read(ref opened) == 2), TimeSpan.FromSeconds(30), () => $"{opened} are open");
        gate.Set();
        await a.CountedAsync(Transfers, 10);
        Assert.Equal([0, 1, 2, 3, 4], b.Checkpoints.Select(static x => x.Partition).Order());

        Stream Open()
        {
            Interlocked.Increment(ref opened);
            Assert.True(gate.IsSet || opened <= 2, "more are open than may be");
            return new PieceStream([1, 2, 3]) { Gate = gate };
        }
    }

    [Fact]
    public async Task GivesWayToANewerOne_ButNotToOneOfAnOlderTerm()
    {
        await using var a = await TransportNode.StartAsync(1);
        await using var b = await TransportNode.StartAsync(2);
        using var channel = a.ChannelTo(b);
        await using var first = await OpenAsync(term: 5);
        await first.SendAsync(Data(0, "old"), CancellationToken.None);
        await using (var older = await channel.OpenAsync(ReplicaProtocol.Checkpoint, CancellationToken.None))
        {
            await older.SendAsync(Start(4), CancellationToken.None);
            Assert.Equal(WireStatus.Aborted, (await Assert.ThrowsAsync<WireException>(async () => await older.ReceiveAsync(CancellationToken.None))).Status);
        }

        await using var second = await OpenAsync(term: 5);
        Assert.Equal(WireStatus.Aborted, (await Assert.ThrowsAsync<WireException>(async () => await first.ReceiveAsync(CancellationToken.None))).Status);
        await second.SendAsync(Data(0, "new"), CancellationToken.None);
        await second.SendAsync(End(3, Crc32C.Compute("new"u8)), CancellationToken.None);
        using (var answer = await second.ReceiveAsync(CancellationToken.None))
        {
            Assert.Equal(3, CheckpointAnswer.Parser.ParseFrom(answer!.Value.Payload.Span).Stored);
        }

        Assert.Equal("new"u8.ToArray(), b.Read(Assert.Single(b.Checkpoints).Path));

        async Task<IWireStream> OpenAsync(long term)
        {
            var stream = await channel.OpenAsync(ReplicaProtocol.Checkpoint, CancellationToken.None);
            await stream.SendAsync(Start(term), CancellationToken.None);
            using var ready = await stream.ReceiveAsync(CancellationToken.None);
            Assert.Equal(0, CheckpointAnswer.Parser.ParseFrom(ready!.Value.Payload.Span).Stored);
            return stream;
        }
    }

    [Fact]
    public async Task KeepsToItsRate()
    {
        await using var a = await TransportNode.StartAsync(1, new TransportOptions { TransferBytesPerSecond = 2_000_000 });
        await using var b = await TransportNode.StartAsync(2);
        a.Knows(b);
        var started = TimeProvider.System.GetTimestamp();
        a.Streams.SendCheckpoint(b.Id, Partition, 5, () => new MemoryStream(Bytes(1_000_000)));
        await a.CountedAsync(Transfers, 1);
        Assert.Single(b.Checkpoints);
        Assert.True(TimeProvider.System.GetElapsedTime(started) > TimeSpan.FromSeconds(0.49));
    }

    [Fact]
    public void ReadsChunks_WhateverTheBytes()
    {
        var random = new Random(31);
        int read = 0, refused = 0;
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = random.Next(3) switch
            {
                0 => Start(random.Next(9)),
                1 => End(random.Next(), (uint)random.Next()),
                _ => Data(random.Next(), "some bytes"),
            };
            for (var i = random.Next(3); i > 0; i--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            try
            {
                _ = CheckpointFrame.Read(random.Next(4) == 0 ? bytes.AsSpan(0, random.Next(bytes.Length)) : bytes);
                read++;
            }
            catch (ReplicaMessageFormatException)
            {
                refused++;
            }
        }

        Assert.True(read > 1000 && refused > 1000, $"{read} read, {refused} refused");
    }

    private static byte[] Start(long term = 1, int partition = 6) =>
        new CheckpointChunk { Start = new CheckpointStart { Partition = partition, Term = term } }.ToByteArray();

    private static byte[] End(long length, uint crc) => new CheckpointChunk { End = new CheckpointEnd { Length = length, Crc = crc } }.ToByteArray();

    private static byte[] Data(long offset, string text)
    {
        using var frame = new ProtobufBuffer();
        CheckpointFrame.Write(frame, offset, System.Text.Encoding.UTF8.GetBytes(text));
        return frame.Memory.ToArray();
    }

    private static byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    /// <summary>Bytes that come in odd pieces, when a gate is open, and may fail.</summary>
    private sealed class PieceStream(byte[] bytes) : MemoryStream(bytes)
    {
        public ManualResetEventSlim? Gate { get; init; }

        public long FailsAt { get; init; } = long.MaxValue;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Gate?.Wait(cancellationToken);
            return Position >= FailsAt ? throw new IOException("cannot be read") : base.ReadAsync(buffer[..Math.Min(buffer.Length, 70_001)], cancellationToken);
        }
    }
}
