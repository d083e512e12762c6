using System.Collections.Concurrent;
using Deucalion.Common.Contracts;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Log;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.PartitionLog;
using Deucalion.Replication.PartitionLog.Core;
using Deucalion.Replication.Transport;
using Deucalion.Testing.Processes;
using Deucalion.Testing.Wire;
using Microsoft.Extensions.Logging.Abstractions;
using Testing.Disk;
using Testing.Telemetry;
using Xunit;

namespace Replication.Tests.PartitionLog;

/// <summary>
/// Two nodes with journals, logs and the way between them over loopback: records of all sizes that a journal takes get to the other one. Alone: what it copies
/// holds up tests that let threads and a clock of their own run in step.
/// </summary>
[CollectionDefinition(nameof(LargeRecordTests), DisableParallelization = true)]
[Collection(nameof(LargeRecordTests))]
public sealed class LargeRecordTests
{
    private const int Mebibyte = 1 << 20;

    private static readonly PartitionId Partition = new(3);

    [Fact]
    [Trait("Category", "slow")]
    public async Task ReachTheOtherReplica_WhenItCatchesUp_AndWhenItIsInSync()
    {
        var store = new LocalFileStore(new SimulatedDisk(9), "/coordination", new ProcessStoreLock(), TimeProvider.System, TimeSpan.FromSeconds(1));
        var addresses = new Addresses();
        await using var first = await Node.StartAsync(1, store, addresses);
        await first.OpenAsync();
        first.Append(Journal.MaxPayload);
        await first.AppliedAsync(first.End);
        for (var i = 0; i < 6; i++)
        {
            first.Append(30 * Mebibyte);
            await first.AppliedAsync(first.End);
        }

        // It lacks more than the primary keeps in memory: all of it comes from the journal.
        await using var second = await Node.StartAsync(2, store, addresses);
        await second.AppliedAsync(first.End);
        await Eventually.TrueAsync(() => Task.FromResult(first.Log.KnownEntry!.InSync.Count == 2), TimeSpan.FromSeconds(60), () => $"in sync are {first.Log.KnownEntry!.InSync.Count}");

        // Acknowledged only once the other one has it.
        first.Append(Journal.MaxPayload);
        await first.AppliedAsync(first.End);
        await second.AppliedAsync(first.End);
        Assert.Equal(first.Payloads, second.Payloads);
        await Eventually.TrueAsync(
            () => Task.FromResult(first.Log.Lags is { Peers: [{ Records: 0, Milliseconds: 0 }] }), TimeSpan.FromSeconds(30), () => $"it is told to be behind: {first.Log.Lags}");
        Assert.Null(second.Log.Lags);
    }

    private sealed class Addresses : INodeDirectory
    {
        public ConcurrentDictionary<NodeId, string> All { get; } = [];

        public string? AddressOf(NodeId node) => All.GetValueOrDefault(node);
    }

    /// <summary>A node with one partition, whose mailbox is a loop.</summary>
    private sealed class Node : IPartitionLogOwner, IAsyncDisposable
    {
        private readonly CancellationTokenSource _stopping = new();
        private readonly SemaphoreSlim _progress = new(0);
        private readonly Lock _mailbox = new();
        private readonly SimulatedDisk _disk;
        private readonly NodeId _id;
        private ReplicatedLogs _logs = null!;
        private ReplicaStreams _streams = null!;
        private LoopbackNode _server = null!;
        private Task _running = Task.CompletedTask;

        private Node(int number)
        {
            _id = new NodeId((UInt128)number);
            _disk = new SimulatedDisk(number);
        }

        public TestMeterFactory Meters { get; } = new();

        public ReplicatedLog Log { get; private set; } = null!;

        /// <summary>Length and checksum of everything applied.</summary>
        public List<(int Length, uint Crc)> Payloads { get; } = [];

        public long End
        {
            get
            {
                lock (_mailbox)
                {
                    return Log.End;
                }
            }
        }

        public static async Task<Node> StartAsync(int number, ICoordinationStore store, Addresses addresses)
        {
            var node = new Node(number);
            var name = ReplicaProtocol.NameOf(node._id);
            var parts = new TransportParts
            {
                Self = node._id,
                Directory = addresses,
                Inbox = new ReplicaInbox(node._disk, "/data/partitions", () => node._logs),
                ChannelOptions = to => LoopbackNode.Options(name, to),
                Disk = node._disk,
                Time = TimeProvider.System,
                Random = new Random(number),
                Metrics = new TransportMetrics(node.Meters),
                Loggers = NullLoggerFactory.Instance,
            };
            node._streams = new ReplicaStreams(parts);
            var options = new ReplicatedLogsOptions
            {
                PartitionsDirectory = "/data/partitions",
                Journal = new JournalOptions { Directory = "/data/journal", ReserveBytes = 0 },
                ReplicationTimeout = TimeSpan.FromMinutes(1),
                PlanNewPartition = static _ => new NewPartitionPlan([ReplicaProtocol.NameOf(new NodeId(1)), ReplicaProtocol.NameOf(new NodeId(2))], 2, 1),
            };
            var links = new ReplicatedLogsLinks(store) { Transport = node._streams, Create = _ => node.Log };
            node._logs = ReplicatedLogs.Open(node._disk, options, links, name, new JournalMetrics(node.Meters), TimeProvider.System);
            await node._logs.RecoverAsync(_ => node, CancellationToken.None);
            node.Log = node._logs.Get(Partition, node);
            node._server = await LoopbackNode.StartAsync(name, new ReplicaEndpoint(parts).Map);
            addresses.All[node._id] = node._server.Address;
            node._logs.Start();
            node._running = Task.Run(node.RunAsync);
            return node;
        }

        public Task OpenAsync() => Eventually.TrueAsync(
            () =>
            {
                lock (_mailbox)
                {
                    Log.Want(create: true);
                    return Task.FromResult(Log.CanAppend);
                }
            },
            TimeSpan.FromSeconds(60),
            () => $"the log does not open: {Log.Trouble}");

        public void Append(int size)
        {
            var payload = new byte[size];
            new Random(size).NextBytes(payload);
            lock (_mailbox)
            {
                Log.Append(RecordKind.Samples, payload);
            }
        }

        public Task AppliedAsync(long seq) => Eventually.TrueAsync(
            () =>
            {
                lock (_mailbox)
                {
                    return Task.FromResult(Log.Applied.Seq >= seq);
                }
            },
            TimeSpan.FromSeconds(120),
            () => $"applied is {Log.Applied} of {seq}");

        public void Apply(long seq, RecordKind kind, ReadOnlySpan<byte> payload) => Payloads.Add((payload.Length, Deucalion.Common.Hashing.Crc32C.Compute(payload)));

        public void Load(CheckpointReader checkpoint) => throw new NotSupportedException();

        public void Reset() => Payloads.Clear();

        public void Closed(string reason)
        {
        }

        public void LogProgressed() => _progress.Release();

        public async ValueTask DisposeAsync()
        {
            await _stopping.CancelAsync();
            await _running;
            await _streams.DisposeAsync();
            await _server.DisposeAsync();
            _logs.Dispose();
            _stopping.Dispose();
            _progress.Dispose();
            Meters.Dispose();
        }

        private async Task RunAsync()
        {
            try
            {
                while (true)
                {
                    await _progress.WaitAsync(_stopping.Token);
                    lock (_mailbox)
                    {
                        Log.Advance();
                    }
                }
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                // The orderly end.
            }
        }
    }
}
