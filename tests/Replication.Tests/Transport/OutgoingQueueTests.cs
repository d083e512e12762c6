using System.Globalization;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Protobuf;
using Deucalion.Replication.PartitionLog.Core;
using Deucalion.Replication.Transport;
using Testing.Telemetry;
using Xunit;

namespace Deucalion.Replication.Tests.Transport;

public sealed class OutgoingQueueTests : IDisposable
{
    private readonly TestMeterFactory _meters = new();
    private readonly ProtobufBuffer _frame = new();
    private readonly TransportMetrics _metrics;

    public OutgoingQueueTests()
    {
        _metrics = new TransportMetrics(_meters);
    }

    private double Dropped => _meters.Sum("deucalion_replication_messages_dropped_total");

    public void Dispose()
    {
        _meters.Dispose();
        _frame.Dispose();
    }

    [Fact]
    public void PutsTogetherWhatWaits_WithinTheSizeOfAFrame()
    {
        var queue = New(new TransportOptions { FrameBytes = 10_000 });
        var random = new Random(1);
        var sent = new List<string>();
        for (var i = 0; i < 2000; i++)
        {
            var message = RandomMessages.Next(random, 3, random.Next(RandomMessages.Kinds));
            sent.Add(RandomMessages.Describe(message));
            queue.Add(new PartitionId(3), message);
        }

        var frames = 0;
        var received = new List<string>();
        for (int count; (count = Take(queue)) > 0; frames++)
        {
            Assert.True(count == 1 || _frame.Length <= 10_000, $"{count} messages in {_frame.Length} bytes");
            received.AddRange(ReplicaMessageCodecProperties.ReadAll(_frame.Memory.ToArray()).Select(static x => RandomMessages.Describe(x.Message!)));
        }

        Assert.Equal(sent, received);
        Assert.InRange(frames, 10, 500);
        Assert.Equal(0, queue.Bytes);
        Assert.Equal(0, Dropped);
    }

    [Fact]
    public void CountsNoFewerBytesThanAMessageTakes()
    {
        var random = new Random(2);
        for (var i = 0; i < 2000; i++)
        {
            var queue = New(new TransportOptions());
            queue.Add(new PartitionId(random.Next()), RandomMessages.Next(random, 3, i % RandomMessages.Kinds));
            var counted = queue.Bytes;
            Take(queue);
            Assert.InRange(_frame.Length, 1, counted);
        }
    }

    [Fact]
    public void DropsWhatIsNew_WhenFull_ButTakesOneOfAnySize()
    {
        var queue = New(new TransportOptions { QueueBytes = 1000, MessageBytes = 1 << 20 });
        var large = RandomMessages.Append(new Random(3), 1, 1, 5, 10_000);
        queue.Add(new PartitionId(1), large);
        queue.Add(new PartitionId(1), new GrantReleased(1));
        Assert.Equal(1, Dropped);
        Assert.Equal(1, Take(queue));

        // Also behind something else: with many partitions something always waits.
        queue.Add(new PartitionId(1), new GrantReleased(1));
        queue.Add(new PartitionId(1), large);
        Assert.Equal(1, Dropped);
        queue.Add(new PartitionId(1), large);
        Assert.Equal(2, Dropped);
        queue.Drop("down");
        Assert.Equal(4, Dropped);
        Assert.Equal(0, queue.Bytes);
        Assert.Equal(0, Take(queue));
    }

    [Fact]
    public void DropsARecord_ThatNoFrameHolds()
    {
        var queue = New(new TransportOptions { MessageBytes = 1000, MaxFrameBytes = 4000 });
        var records = RandomMessages.Append(new Random(4), 1, 1, 3, 800);
        queue.Add(new PartitionId(1), records with { Records = [.. records.Records, RandomMessages.Record(1, 1, records.Previous.Seq + 4, Common.Contracts.RecordKind.Samples, new byte[4000])] });
        Assert.Equal(1, Dropped);
        var taken = new List<long>();
        while (Take(queue) > 0)
        {
            taken.AddRange(ReplicaMessageCodecProperties.ReadAll(_frame.Memory.ToArray()).SelectMany(static x => ((AppendRecords)x.Message!).Records).Select(static x => x.Point.Seq));
        }

        Assert.Equal(records.Records.Select(static x => x.Point.Seq), taken);
    }

    [Fact]
    public async Task LosesNothing_WhenManyAddAtOnce()
    {
        var queue = New(new TransportOptions());
        var writers = Enumerable.Range(0, 4).Select(writer => Task.Run(() =>
        {
            for (var i = 0; i < 5000; i++)
            {
                queue.Add(new PartitionId(writer), new CommitQuery(1, i));
            }
        })).ToArray();
        var next = new long[4];
        while (next.Sum() < 20_000)
        {
            Assert.True(await queue.WaitAsync(CancellationToken.None));
            Take(queue);
            foreach (var (partition, message) in ReplicaMessageCodecProperties.ReadAll(_frame.Memory.ToArray()))
            {
                Assert.Equal(next[partition]++, ((CommitQuery)message!).Read);
            }
        }

        await Task.WhenAll(writers);
        Assert.Equal("0", queue.Bytes.ToString(CultureInfo.InvariantCulture));
    }

    private OutgoingQueue New(TransportOptions options) => new(options, _metrics);

    private int Take(OutgoingQueue queue)
    {
        _frame.Clear();
        return queue.Take(_frame);
    }
}
