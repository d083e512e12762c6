using System.Collections.Concurrent;
using System.Text;
using Deucalion.Common.Contracts;
using Deucalion.Common.Identifiers;
using Deucalion.Common.IO;
using Deucalion.Common.Log;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.PartitionLog;
using Deucalion.Replication.PartitionLog.Core;
using Deucalion.Replication.Transport;
using Testing.Disk;
using Xunit;

namespace Replication.Tests.PartitionLog;

/// <summary>A log that this node led, and that has to be begun anew because another node leads the partition with a history of its own.</summary>
public sealed class FollowingLogTests : IDisposable
{
    private static readonly PartitionId Partition = new(1);
    private static readonly NodeId Primary = new(0xbeef);

    private readonly Outbox _sent = new();
    private readonly LogFixture _node;

    public FollowingLogTests()
    {
        _node = new LogFixture(11) { Transport = _sent, Tick = TimeSpan.FromMilliseconds(10), Timings = new ProtocolTimings { Grant = 1 } };
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private ReplicatedLog Log => _node.Log(1);

    private List<string> Applied => _node.OwnerOf(1).Applied;

    public void Dispose() => _node.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task BeginsAnew_WhereThePrimaryLacksWhatIsAppliedBehindTheCheckpoint(bool inANewProcess)
    {
        var parting = await WriteManyAsync();
        TableEntry entry;
        if (inANewProcess)
        {
            _node.Disk.Crash();
            _node.Logs.Journal.Abandon();
            entry = await LeadElsewhereAsync();
            _node.Start();
            Assert.True(Log.Applied.Seq > parting.Seq, $"applied is {Log.Applied}");
        }
        else
        {
            _node.Disk.Fault = static (operation, path) => FillsTheJournal(operation, path) ? new DiskFullException("full", null) : null;
            await Assert.ThrowsAnyAsync<IOException>(() => WriteAsync("lost"));
            Log.Advance();
            entry = await LeadElsewhereAsync();
            Log.Tell(new EntryPushed(entry));
            Log.Advance();
            _node.Disk.Fault = null;
        }

        var first = await PromisedAsync(entry.Term, besides: 0);
        await FeedAsync(entry.Term, parting, ["of another history"]);
        await PromisedAsync(entry.Term, besides: first);
        await FeedAsync(entry.Term, LogPoint.Start, ["a", "b"]);
        await UntilAsync(() => Log.Applied.Seq == 2);

        Assert.Equal(["a", "b"], Applied);
        _node.Logs.Dispose();
        _node.Start();
        Assert.Equal(2, Log.End);
    }

    [Fact]
    public async Task TheNewLogIsWhole_WhereTheDiskRefusedTheNoteOfIt()
    {
        await WriteManyAsync();
        var entry = await LeadElsewhereAsync();
        Log.Tell(new EntryPushed(entry));
        Log.Advance();
        var refusals = 0;
        _node.Disk.Fault = (operation, path) => FillsTheJournal(operation, path) && Interlocked.Increment(ref refusals) == 1 ? new DiskFullException("full", null) : null;
        Log.Tell(new LogGivenUp(entry, "given up"));
        var incarnation = await PromisedAsync(entry.Term, besides: 0);
        Assert.True(refusals > 0);
        await FeedAsync(entry.Term, LogPoint.Start, ["a", "b"]);
        await UntilAsync(() => Log.Applied.Seq == 2);

        _node.Logs.Dispose();
        _node.Start();

        Assert.Equal((2, incarnation), (Log.End, Log.Replica?.Incarnation));
    }

    [Fact]
    public async Task NothingIsLeftOfACheckpoint_ThatCouldBeLoadedInPart()
    {
        var entry = await DamageAsync();
        await PromisedAsync(entry.Term, besides: 0);
        await FeedAsync(entry.Term, LogPoint.Start, ["a"]);
        await UntilAsync(() => Log.Applied.Seq == 1);

        Assert.Equal(["a"], Applied);
    }

    [Fact]
    public async Task CanBeForcedToLead_OnceADamagedLogHasBegunAnew()
    {
        var entry = await DamageAsync();
        Assert.Null(Log.Replica);

        var incarnation = await PromisedAsync(entry.Term, besides: 0);

        Assert.Equal(incarnation, Log.Replica?.Incarnation);
    }

    private static bool FillsTheJournal(DiskOperation operation, string path) =>
        operation == DiskOperation.Append && path.StartsWith(LogFixture.JournalDirectory, StringComparison.Ordinal);

    private static LogRecord Record(long term, long seq, string text)
    {
        var payload = Encoding.UTF8.GetBytes(text);
        return new LogRecord(new LogPoint(term, seq, RecordChecksum.Of(Partition, term, seq, RecordKind.Samples, payload)), RecordKind.Samples, payload);
    }

    private Task<long> WriteAsync(string text) => LogFixture.WriteAsync(Log, _node.OwnerOf(1), text);

    /// <summary>A checkpoint, and behind it so much that it is noted to be committed; a point in between.</summary>
    private async Task<LogPoint> WriteManyAsync()
    {
        _node.Start();
        await _node.OpenAsync(1);
        var between = LogPoint.Start;
        for (var i = 0; i < 300; i++)
        {
            await WriteAsync($"{i}");
            if (i == 10)
            {
                _node.OwnerOf(1).Save(_node.Disk, Log);
            }

            between = i == 20 ? Log.Applied : between;
        }

        return between;
    }

    /// <summary>A node that starts with a checkpoint of which only the first section can be read, and that another node leads.</summary>
    private async Task<TableEntry> DamageAsync()
    {
        _node.Start();
        await _node.OpenAsync(1);
        await WriteAsync("first");
        var path = Log.CheckpointPath;
        using (var writer = new CheckpointWriter(_node.Disk, path, Log.CheckpointHere()))
        {
            foreach (var section in (uint[])[1, 2])
            {
                writer.BeginSection(section);
                writer.Write(BitConverter.GetBytes(4));
                writer.Write("left"u8);
            }

            writer.Commit();
        }

        _node.Logs.Dispose();
        var length = _node.Disk.List(Path.GetDirectoryName(path)!).Single(static entry => entry.Name == "checkpoint").Length;
        _node.Disk.Flip(path, length - 20);
        var elsewhere = await LeadElsewhereAsync();
        _node.Start();
        Assert.Equal(["left"], Applied);
        return elsewhere;
    }

    /// <summary>By an operator's word another node leads, and nobody but it is in sync.</summary>
    private async Task<TableEntry> LeadElsewhereAsync()
    {
        var table = new PartitionTable(_node.Store());
        var (entry, document) = (await table.GetAsync(Partition, Token))!.Value;
        var other = new ReplicaRef(ReplicaProtocol.NameOf(Primary), ReplicaProtocol.NameOf(Primary));
        var elsewhere = entry with { Term = entry.Term + 5, Version = entry.Version + 1, Primary = other.Node, InSync = [other], Learners = entry.InSync };
        Assert.NotNull(await table.TryPutAsync(Partition, elsewhere, document, Token));
        return elsewhere.ToEntry();
    }

    /// <summary>Asks for a promise until a log has given it; returns its incarnation, another one than <paramref name="besides"/>.</summary>
    private async Task<UInt128> PromisedAsync(long term, UInt128 besides)
    {
        Promise? promise = null;
        await UntilAsync(() =>
        {
            Log.Tell(new MessageArrived(Primary, new PromiseRequest(term)));
            return (promise = _sent.All.OfType<Promise>().FirstOrDefault(given => given.Term == term && given.Incarnation != besides)) is not null;
        });
        return promise!.Incarnation;
    }

    /// <summary>The primary sends records that are committed, once there is room for them.</summary>
    private async Task FeedAsync(long term, LogPoint previous, string[] texts)
    {
        await UntilAsync(() => !_node.Logs.Journal.IsLow);
        var records = texts.Select((text, i) => Record(term, previous.Seq + 1 + i, text));
        Log.Tell(new MessageArrived(Primary, new AppendRecords(term, previous, [.. records], previous.Seq + texts.Length)));
    }

    private async Task UntilAsync(Func<bool> condition)
    {
        for (var deadline = DateTime.UtcNow.AddSeconds(20); !condition();)
        {
            Assert.True(DateTime.UtcNow < deadline, $"the condition did not come true: {Log.Applied} of {Log.End}, {Log.Trouble}");
            Log.Advance();
            await _node.OwnerOf(1).ProgressAsync(TimeSpan.FromMilliseconds(5));
        }
    }

    private sealed class Outbox : IReplicaTransport
    {
        public ConcurrentQueue<ReplicaMessage> All { get; } = [];

        public void Send(NodeId to, PartitionId partition, ReplicaMessage message) => All.Enqueue(message);

        public bool SendCheckpoint(NodeId to, PartitionId partition, long term, Func<Stream> open) => throw new NotSupportedException();
    }
}
