using Deucalion.Common.Contracts;
using Deucalion.Common.Contracts.V1;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Log;
using Deucalion.Common.Protobuf;
using Deucalion.Common.Wire;
using Deucalion.Replication.PartitionLog.Core;
using Deucalion.Replication.Transport;
using Deucalion.Testing.Processes;
using Deucalion.Testing.Wire;
using Google.Protobuf;
using Xunit;
using LogPoint = Deucalion.Replication.PartitionLog.LogPoint;

namespace Deucalion.Replication.Tests.Transport;

public sealed class ReplicaStreamsTests
{
    private const string Dropped = "deucalion_replication_messages_dropped_total";
    private const string Messages = "deucalion_replication_messages_total";
    private const string Failures = "deucalion_replication_connection_failures_total";
    private const string Peers = "deucalion_replication_connected_peers";

    private static readonly TransportOptions Quick = new() { PeerTimeout = TimeSpan.FromMilliseconds(500), MaxReconnectDelay = TimeSpan.FromMilliseconds(100) };

    [Fact]
    public async Task DeliversMessagesOfAllPartitions_InOrder()
    {
        await using var a = await TransportNode.StartAsync(1);
        await using var b = await TransportNode.StartAsync(2);
        a.Knows(b);
        b.Knows(a);
        var random = new Random(1);
        var sent = new List<(int Partition, ReplicaMessage Message)>();
        for (var i = 0; i < 3000; i++)
        {
            var partition = random.Next(4);
            sent.Add((partition, RandomMessages.Next(random, partition, random.Next(RandomMessages.Kinds))));
            a.Streams.Send(b.Id, new PartitionId(partition), sent[i].Message);
            if (i % 100 == 0)
            {
                b.Streams.Send(a.Id, new PartitionId(partition), new CommitQuery(1, i));
            }
        }

        await b.ReceivedAsync(sent.Count);
        await a.ReceivedAsync(30);
        Assert.Equal(sent.Select(x => (a.Id, x.Partition, RandomMessages.Describe(x.Message))), b.Received().Select(static x => (x.From, x.Partition, RandomMessages.Describe(x.Message))));
        Assert.Equal(Enumerable.Range(0, 30).Select(static i => 100L * i), a.Received().Select(static x => ((CommitQuery)x.Message).Read));
        Assert.Equal(3030, a.Meters.Sum(Messages));
        Assert.Equal(a.Meters.Sum("deucalion_replication_bytes_total"), b.Meters.Sum("deucalion_replication_bytes_total"));
        Assert.Equal((0, 0, 1), (a.Meters.Sum(Dropped), b.Meters.Sum(Dropped), a.Meters.Sum(Peers)));
    }

    [Fact]
    public async Task DeliversToItself_WithoutACall()
    {
        await using var a = await TransportNode.StartAsync(1);
        a.Streams.Send(a.Id, new PartitionId(5), new SetNumbers(4, 3, 2));
        Assert.Equal([(a.Id, 5, new SetNumbers(4, 3, 2))], a.Received());
    }

    [Fact]
    public async Task SplitsAppendsThatAreLarge_IntoSomeThatFollowEachOther()
    {
        await using var a = await TransportNode.StartAsync(1, new TransportOptions { MessageBytes = 10_000, FrameBytes = 4_000 });
        await using var b = await TransportNode.StartAsync(2);
        a.Knows(b);
        var whole = RandomMessages.Append(new Random(2), 3, 9, 200, 2_000);
        a.Streams.Send(b.Id, new PartitionId(3), whole);
        a.Streams.Send(b.Id, new PartitionId(3), new GrantReleased(9));
        await Eventually.TrueAsync(() => Task.FromResult(b.Received() is [.., (_, _, GrantReleased)]), TimeSpan.FromSeconds(30), static () => "the last message has not come");

        var parts = b.Received().SkipLast(1).Select(static x => (AppendRecords)x.Message).ToList();
        Assert.True(parts.Count > 10, $"{parts.Count} parts");
        Assert.All(parts, part => Assert.Equal((whole.Term, whole.CommitIndex), (part.Term, part.CommitIndex)));
        Assert.Equal(whole.Previous, parts[0].Previous);
        Assert.All(parts.Zip(parts.Skip(1)), static pair => Assert.Equal(pair.First.Records[^1].Point, pair.Second.Previous));
        Assert.Equal(RandomMessages.Describe(whole), RandomMessages.Describe(whole with { Records = [.. parts.SelectMany(static x => x.Records)] }));
    }

    [Fact]
    public async Task DeliversTheLargestRecordThatAJournalTakes()
    {
        await using var a = await TransportNode.StartAsync(1);
        await using var b = await TransportNode.StartAsync(2);
        a.Knows(b);
        var record = RandomMessages.Record(int.MaxValue, long.MaxValue, 2, RecordKind.Samples, Bytes(Journal.MaxPayload));
        var append = new AppendRecords(long.MaxValue, new LogPoint(long.MaxValue, 1, uint.MaxValue), [record], long.MaxValue);

        // Something waits before it, as mostly, and other partitions go on behind it.
        a.Streams.Send(b.Id, new PartitionId(1), new GrantReleased(1));
        a.Streams.Send(b.Id, new PartitionId(int.MaxValue), append);
        a.Streams.Send(b.Id, new PartitionId(1), new GrantReleased(2));
        await b.ReceivedAsync(3);
        var arrived = Assert.Single(Assert.IsType<AppendRecords>(b.Received()[1].Message).Records);
        Assert.Equal(record.Point, arrived.Point);
        Assert.True(record.Payload.Span.SequenceEqual(arrived.Payload.Span), "the record is another");
        Assert.Equal((0, 0), (a.Meters.Sum(Dropped), a.Meters.Sum(Failures)));
    }

    [Fact]
    public async Task DeliversRecordsThatNoFrameHoldsTogether()
    {
        await using var a = await TransportNode.StartAsync(1);
        await using var b = await TransportNode.StartAsync(2);
        a.Knows(b);
        var payload = Bytes(24 << 20);
        var records = Enumerable.Range(1, 3).Select(seq => RandomMessages.Record(3, 9, seq, RecordKind.Samples, payload)).ToArray();
        Assert.True(3L * payload.Length > new TransportOptions().MaxFrameBytes, "a frame holds them");
        a.Streams.Send(b.Id, new PartitionId(3), new AppendRecords(9, LogPoint.Start, [.. records], 0));
        await b.ReceivedAsync(3);
        Assert.Equal(records.Select(static x => x.Point), b.Received().SelectMany(static x => ((AppendRecords)x.Message).Records).Select(static x => x.Point));
        Assert.Equal((0, 0), (a.Meters.Sum(Dropped), a.Meters.Sum(Failures)));
    }

    [Fact]
    public async Task WaitsForAFrame_AsLongAsItsSizeTakes()
    {
        // The peer takes nothing for longer than its timeout, and then all of it.
        await using var a = await TransportNode.StartAsync(1, new TransportOptions { PeerTimeout = TimeSpan.FromMilliseconds(300), LeastBytesPerSecond = 200_000 });
        await using var slow = await TransportNode.StartAsync(2);
        await slow.Server.StopAsync();
        var frames = 0;
        await using var server = await LoopbackNode.StartAsync(slow.Name, endpoints => endpoints.MapWireStream(ReplicaProtocol.Messages, async (_, stream, cancellationToken) =>
        {
            await stream.SendAsync(new ReplicaWelcome { Node = slow.Name, Protocol = 1 }.ToByteArray(), cancellationToken);
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, cancellationToken);
            while (await stream.ReceiveAsync(cancellationToken) is { } message)
            {
                message.Dispose();
                Interlocked.Increment(ref frames);
            }
        }));
        a.Addresses[slow.Id] = server.Address;
        a.Streams.Send(slow.Id, new PartitionId(1), new AppendRecords(9, LogPoint.Start, [RandomMessages.Record(1, 9, 1, RecordKind.Samples, Bytes(6 << 20))], 0));
        await Eventually.TrueAsync(() => Task.FromResult(Volatile.Read(ref frames) == 1), TimeSpan.FromSeconds(30), static () => "the frame has not come");
        Assert.Equal(0, a.Meters.Sum(Failures));
    }

    [Fact]
    public async Task DropsWhileThePeerIsAway_AndGoesOnWhenItIsBack()
    {
        await using var a = await TransportNode.StartAsync(1, Quick);
        await using var b = await TransportNode.StartAsync(2);
        a.Knows(b);
        await ArrivesAsync(a, b, 1);
        await b.Server.StopAsync();
        await Eventually.TrueAsync(
            () =>
            {
                a.Streams.Send(b.Id, new PartitionId(1), new CommitQuery(1, -1));
                return Task.FromResult(a.Meters.Sum(Dropped) > 0 && a.Meters.Sum(Failures) > 2);
            },
            TimeSpan.FromSeconds(30),
            static () => "nothing is dropped");
        Assert.Equal(0, a.Meters.Sum(Peers));
        await b.Server.StartAsync();
        await ArrivesAsync(a, b, 2);

        // Elsewhere, too.
        await b.Server.StopAsync();
        await using var moved = await LoopbackNode.StartAsync(b.Name, b.Map);
        a.Addresses[b.Id] = moved.Address;
        await ArrivesAsync(a, b, 3);
    }

    [Fact]
    public async Task DropsWhatIsForNobodyKnown()
    {
        await using var a = await TransportNode.StartAsync(1, Quick);
        a.Streams.Send(new NodeId(77), new PartitionId(1), new GrantReleased(1));
        await a.CountedAsync(Dropped, 1);
        await a.CountedAsync(Failures, 1);
    }

    [Fact]
    public async Task DropsWhatIsForAnotherNode_ThanAnswersThere()
    {
        await using var a = await TransportNode.StartAsync(1, Quick);
        await using var b = await TransportNode.StartAsync(2);
        var gone = new NodeId(99);
        a.Addresses[gone] = b.Server.Address;
        a.Streams.Send(gone, new PartitionId(1), new GrantReleased(1));
        await a.CountedAsync(Failures, 1);
        await a.CountedAsync(Dropped, 1);
        Assert.Empty(b.Received());
    }

    [Fact]
    public async Task DropsWhatExceedsTheQueue_AndTheConnection_WhenThePeerTakesNothing()
    {
        await using var a = await TransportNode.StartAsync(1, Quick with { QueueBytes = 2 << 20, PeerTimeout = TimeSpan.FromSeconds(1) });
        await using var stuck = await TransportNode.StartAsync(2);
        await stuck.Server.StopAsync();
        await using var server = await LoopbackNode.StartAsync(stuck.Name, endpoints => endpoints.MapWireStream(ReplicaProtocol.Messages, async (_, stream, cancellationToken) =>
        {
            await stream.SendAsync(new ReplicaWelcome { Node = stuck.Name, Protocol = 1 }.ToByteArray(), cancellationToken);
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        }));
        a.Addresses[stuck.Id] = server.Address;
        var message = RandomMessages.Append(new Random(3), 1, 5, 100, 20_000);
        await Eventually.TrueAsync(
            () =>
            {
                a.Streams.Send(stuck.Id, new PartitionId(1), message);
                return Task.FromResult(a.Meters.Sum(Dropped) > 0);
            },
            TimeSpan.FromSeconds(30),
            static () => "nothing is dropped");
        await a.CountedAsync(Failures, 1);
        Assert.Equal(0, a.Meters.Sum(Peers));
    }

    [Theory]
    [InlineData(ReplicaProtocol.Messages)]
    [InlineData(ReplicaProtocol.Checkpoint)]
    public async Task RefusesCallersThatDoNotSayWhoTheyAre_OrAreTooOld(string method)
    {
        await using var b = await TransportNode.StartAsync(2);
        Assert.Equal(WireStatus.Unauthenticated, await RefusalAsync(new WireClientOptions { Protocol = 1 }));
        Assert.Equal(WireStatus.Unauthenticated, await RefusalAsync(new WireClientOptions { Protocol = 1, NodeId = "a node" }));
        Assert.Equal(WireStatus.FailedPrecondition, await RefusalAsync(new WireClientOptions { Protocol = 0, NodeId = new string('a', 32) }));
        Assert.Equal(WireStatus.FailedPrecondition, await RefusalAsync(new WireClientOptions { NodeId = new string('a', 32) }));

        async Task<WireStatus> RefusalAsync(WireClientOptions options)
        {
            using var channel = new WireChannel(b.Server.Address, options);
            await using var stream = await channel.OpenAsync(method, CancellationToken.None);
            return (await Assert.ThrowsAsync<WireException>(async () => await stream.ReceiveAsync(CancellationToken.None))).Status;
        }
    }

    [Fact]
    public async Task DropsMessagesThatItDoesNotUnderstand_AndTakesTheOthers()
    {
        await using var a = await TransportNode.StartAsync(1);
        await using var b = await TransportNode.StartAsync(2);
        using var channel = a.ChannelTo(b);
        await using var stream = await channel.OpenAsync(ReplicaProtocol.Messages, CancellationToken.None);
        using (var welcome = await stream.ReceiveAsync(CancellationToken.None))
        {
            Assert.Equal(new ReplicaWelcome { Node = b.Name, Protocol = 1 }, ReplicaWelcome.Parser.ParseFrom(welcome!.Value.Payload.Span));
        }

        using var frame = new ProtobufBuffer();
        ReplicaMessageCodec.Write(frame, new PartitionId(1), new GrantReleased(1));
        frame.Field(ReplicaFrame.MessagesFieldNumber, "no message"u8);
        var unknown = frame.BeginField(ReplicaFrame.MessagesFieldNumber);
        frame.Field(900, "of a kind of a later version"u8);
        frame.EndField(unknown);
        ReplicaMessageCodec.Write(frame, new PartitionId(2), new GrantReleased(2));
        await stream.SendAsync(frame.Memory, CancellationToken.None);
        await b.ReceivedAsync(2);
        Assert.Equal([(a.Id, 1, new GrantReleased(1)), (a.Id, 2, new GrantReleased(2))], b.Received());
        Assert.Equal(2, b.Meters.Sum(Dropped));

        await stream.SendAsync(new byte[] { 0x0A, 0x7F, 1 }, CancellationToken.None);
        var ended = await Assert.ThrowsAsync<WireException>(async () => await stream.ReceiveAsync(CancellationToken.None));
        Assert.Equal(WireStatus.InvalidArgument, ended.Status);
    }

    [Fact]
    public async Task SendsWhatALaterVersionAdded_OnlyOnceThatIsInEffect()
    {
        await using var a = await TransportNode.StartAsync(1);
        await using var b = await TransportNode.StartAsync(2);
        a.Knows(b);
        a.SentSince = static message => message is CommitReply ? 2 : 1;
        await ArrivesAsync(a, b, 1);
        a.Streams.Send(b.Id, new PartitionId(1), new CommitReply(1, 5, 6));
        a.Streams.Send(a.Id, new PartitionId(1), new CommitReply(1, 5, 6));
        await ArrivesAsync(a, b, 2);
        Assert.Equal(2, a.Meters.Sum(Dropped));
        Assert.Empty(a.Received());
        Assert.DoesNotContain(b.Received(), static x => x.Message is CommitReply);

        a.Protocol = 2;
        a.Streams.Send(b.Id, new PartitionId(1), new CommitReply(1, 7, 8));
        await ArrivesAsync(a, b, 3);
        Assert.Equal(new CommitReply(1, 7, 8), Assert.Single(b.Received(), static x => x.Message is CommitReply).Message);

        // A node was taken back.
        a.Protocol = 1;
        a.Streams.Send(b.Id, new PartitionId(1), new CommitReply(1, 9, 9));
        await ArrivesAsync(a, b, 4);
        Assert.Single(b.Received(), static x => x.Message is CommitReply);
    }

    [Fact]
    public async Task ReadsOneStreamOfANode_TheNewest()
    {
        await using var a = await TransportNode.StartAsync(1);
        await using var b = await TransportNode.StartAsync(2);
        using var channel = a.ChannelTo(b);
        await using var first = await OpenAsync();
        await first.SendAsync(Frame(1), CancellationToken.None);
        await b.ReceivedAsync(1);
        await using var second = await OpenAsync();
        Assert.Equal(WireStatus.Aborted, (await Assert.ThrowsAsync<WireException>(async () => await first.ReceiveAsync(CancellationToken.None))).Status);
        await second.SendAsync(Frame(2), CancellationToken.None);
        await b.ReceivedAsync(2);
        Assert.Equal([1, 2], b.Received().Select(static x => x.Message.Term));

        async Task<IWireStream> OpenAsync()
        {
            var stream = await channel.OpenAsync(ReplicaProtocol.Messages, CancellationToken.None);
            using var welcome = await stream.ReceiveAsync(CancellationToken.None);
            Assert.NotNull(welcome);
            return stream;
        }

        static byte[] Frame(long term)
        {
            using var frame = new ProtobufBuffer();
            ReplicaMessageCodec.Write(frame, new PartitionId(1), new GrantReleased(term));
            return frame.Memory.ToArray();
        }
    }

    [Fact]
    public async Task EndsItsStreams_WhenDisposed()
    {
        await using var b = await TransportNode.StartAsync(2);
        await using (var a = await TransportNode.StartAsync(1))
        {
            a.Knows(b);
            await ArrivesAsync(a, b, 1);
            await a.Streams.DisposeAsync();
            Assert.Equal(0, a.Meters.Sum(Peers));
            a.Streams.Send(b.Id, new PartitionId(1), new GrantReleased(7));
            a.Streams.Send(new NodeId(1234), new PartitionId(1), new GrantReleased(7));
            a.Streams.SendCheckpoint(b.Id, new PartitionId(1), 1, static () => throw new InvalidOperationException("is not asked for"));
        }

        Assert.DoesNotContain(b.Received(), static x => x.Message is GrantReleased);
    }

    private static byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        new Random(count).NextBytes(bytes);
        return bytes;
    }

    private static async Task ArrivesAsync(TransportNode a, TransportNode b, long number)
    {
        await Eventually.TrueAsync(
            () =>
            {
                a.Streams.Send(b.Id, new PartitionId(1), new CommitQuery(1, number));
                return Task.FromResult(b.Received().Any(x => x.Message == new CommitQuery(1, number)));
            },
            TimeSpan.FromSeconds(30),
            () => $"message {number} has not come");
    }
}
