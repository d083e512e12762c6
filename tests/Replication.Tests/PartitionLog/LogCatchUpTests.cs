using Deucalion.Common.Contracts;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Log;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.Membership;
using Deucalion.Replication.PartitionLog;
using Deucalion.Replication.PartitionLog.Core;
using Deucalion.Testing.Processes;
using Testing.Disk;
using Testing.Telemetry;
using Xunit;

namespace Replication.Tests.PartitionLog;

public sealed class LogCatchUpTests : IDisposable
{
    private const int Mebibyte = 1 << 20;

    private static readonly PartitionId Partition = new(3);
    private static readonly NodeId Peer = new(7);

    private readonly TestMeterFactory _meters = new();
    private readonly SimulatedDisk _disk = new(1);
    private readonly LogInbox _inbox = new(static () => { });
    private readonly Journal _journal;
    private readonly LogCatchUp _catchUp;
    private readonly List<LogPoint> _names = [];

    public LogCatchUpTests()
    {
        var options = new ReplicatedLogsOptions { PartitionsDirectory = "/data/partitions", Journal = new JournalOptions { Directory = "/data/journal", ReserveBytes = 0 } };
        _journal = Journal.Open(_disk, options.Journal, new JournalMetrics(_meters), TimeProvider.System);
        var parts = new LogShellParts
        {
            Disk = _disk,
            Journal = _journal,
            Incarnation = LogIncarnation.Open(_disk, options.Journal.Directory, _journal.Recovery),
            Node = new string('a', 32),
            Table = new TableClient(new LocalFileStore(_disk, "/data/coordination", new ProcessStoreLock(), TimeProvider.System, TimeSpan.FromSeconds(1)), static (_, _) => { }),
            Options = options,
            Time = TimeProvider.System,
            Protocol = static () => ClusterProtocol.Newest,
            Transport = null,
            Reports = null,
            Stopping = CancellationToken.None,
        };
        _catchUp = new LogCatchUp(Partition, parts, _inbox);
    }

    public void Dispose()
    {
        _journal.Dispose();
        _meters.Dispose();
    }

    [Fact]
    public async Task ReadsInParts_ThatFollowEachOther()
    {
        Append(1, 3 * Mebibyte, 3 * Mebibyte, 10, 10 * Mebibyte, 1, 2);
        Ask();
        var parts = await ReadAsync(7);
        Assert.Equal([[1L, 2, 3], [4, 5], [6, 7]], parts.Select(static part => part.Message.Records.Select(static record => record.Point.Seq)));
        Assert.Equal(_names, parts.SelectMany(static part => part.Message.Records).Select(static record => record.Point));
        Assert.All(parts, static part => Assert.Equal((Peer, 5L, 2L), (part.To, part.Message.Term, part.Message.CommitIndex)));
        Assert.Equal([LogPoint.Start, _names[2], _names[4]], parts.Select(static part => part.Message.Previous));
    }

    [Fact]
    public async Task ReadsTheLargestRecord()
    {
        Append(Journal.MaxPayload);
        Ask();
        var part = Assert.Single(await ReadAsync(1));
        Assert.Equal(Journal.MaxPayload, Assert.Single(part.Message.Records).Payload.Length);
    }

    [Fact]
    public async Task ReadsNoMore_WhileTheOwnerHasNotTakenWhatWasRead()
    {
        Append([.. Enumerable.Repeat(5 * Mebibyte, 20)]);
        Ask();
        var first = await ReadAsync(7);
        Assert.Equal(7, first.Count);

        // The protocol asks again for what was left out.
        first.ForEach(_catchUp.Taken);
        var read = first.SelectMany(static part => part.Message.Records).Select(static record => record.Point).ToList();
        while (read.Count < 20)
        {
            Ask(read.Count);
            var parts = await ReadAsync(Math.Min(7, 20 - read.Count));
            parts.ForEach(_catchUp.Taken);
            read.AddRange(parts.SelectMany(static part => part.Message.Records).Select(static record => record.Point));
        }

        Assert.Equal(_names, read);
    }

    private void Append(params int[] sizes)
    {
        foreach (var size in sizes)
        {
            using var done = new Synced();
            var crc = _journal.AppendAdmitted(Partition, 5, _names.Count + 1, RecordKind.Samples, new byte[size], done);
            Assert.True(done.Wait(), "the record is not durable");
            _names.Add(new LogPoint(5, _names.Count + 1, crc));
        }
    }

    private void Ask(int behind = 0) => _catchUp.Ask(
        new SendRecords(Peer, 5, behind == 0 ? LogPoint.Start : _names[behind - 1], behind + 1, _names.Count, 2), [.. _names.Skip(behind)]);

    /// <summary>Until so many records have come.</summary>
    private async Task<List<RecordsRead>> ReadAsync(int records)
    {
        var parts = new List<RecordsRead>();
        await Eventually.TrueAsync(
            () =>
            {
                while (_inbox.TryTake(out var happened))
                {
                    parts.Add((RecordsRead)happened);
                }

                return Task.FromResult(parts.Sum(static part => part.Message.Records.Length) >= records);
            },
            TimeSpan.FromSeconds(30),
            () => $"{parts.Count} parts have come");
        return parts;
    }

    private sealed class Synced : IJournalCompletion, IDisposable
    {
        private readonly ManualResetEventSlim _done = new();

        public void Completed(PartitionId partition, long term, long seq, JournalPosition end, Exception? error) => _done.Set();

        public bool Wait() => _done.Wait(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        public void Dispose() => _done.Dispose();
    }
}
