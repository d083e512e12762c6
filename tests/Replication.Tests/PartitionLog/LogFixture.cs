using System.Text;
using Deucalion.Common.Contracts;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Log;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.PartitionLog;
using Deucalion.Replication.PartitionLog.Core;
using Deucalion.Replication.Transport;
using Testing.Disk;
using Testing.Telemetry;

namespace Replication.Tests.PartitionLog;

/// <summary>A node of one: disk, coordination store, logs. Lives again after <see cref="Start"/>.</summary>
internal sealed class LogFixture : IDisposable
{
    public const string Data = "/data";
    public const string JournalDirectory = "/data/journal";

    private readonly TestMeterFactory _meters = new();

    public LogFixture(int seed)
    {
        Disk = new SimulatedDisk(seed);
    }

    public SimulatedDisk Disk { get; }

    public JournalSync Sync { get; set; } = JournalSync.Batch;

    public ReplicatedLogs Logs { get; private set; } = null!;

    public Dictionary<PartitionId, Owner> Owners { get; } = [];

    public TimeSpan Tick { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Version of the protocol that the logs believe to be in effect.</summary>
    public int Protocol { get; set; } = 1;

    /// <summary>Free space of which nothing but what is necessary is written.</summary>
    public long ReserveBytes { get; set; }

    /// <summary>The way to other nodes; null: there are none.</summary>
    public IReplicaTransport? Transport { get; set; }

    public ICoordinatorReports? Reports { get; set; }

    public ProtocolTimings Timings { get; set; } = new();

    private ReplicatedLogsOptions Options => new()
    {
        PartitionsDirectory = "/data/partitions",
        Tick = Tick,
        Timings = Timings,
        Journal = new JournalOptions { Directory = JournalDirectory, SegmentBytes = 4000, Sync = Sync, ReserveBytes = ReserveBytes },
    };

    public IReadOnlyList<ReplicatedLog> Recovered { get; private set; } = [];

    public LocalFileStore Store() => new(Disk, "/data/coordination", new ProcessStoreLock(), TimeProvider.System, TimeSpan.FromSeconds(1));

    public void Start(ICoordinationStore? store = null)
    {
        Owners.Clear();
        var node = NodeIdentity.LoadOrCreate(Disk, "/data/node");
        var links = new ReplicatedLogsLinks(store ?? Store()) { Protocol = () => Protocol, Transport = Transport, Reports = Reports };
        Logs = ReplicatedLogs.Open(Disk, Options, links, node, new JournalMetrics(_meters), TimeProvider.System);
        Recovered = Logs.RecoverAsync(OwnerOf, default).GetAwaiter().GetResult();
        Logs.Start();
    }

    /// <summary>Until the log takes appends; throws what a partition's owner would tell its clients.</summary>
    public async Task OpenAsync(int partition)
    {
        var log = Log(partition);
        var owner = OwnerOf(partition);
        while (!log.CanAppend)
        {
            log.Want(create: true);
            log.Advance();
            if (log.Refusal is { } refusal)
            {
                throw new PartitionRefusedException(refusal, null);
            }

            if (Disk.HasLostPower || log.JournalFailure is not null)
            {
                throw new IOException("the disk is gone");
            }

            if (!log.CanAppend)
            {
                await owner.ProgressAsync(TimeSpan.FromMilliseconds(5));
            }
        }
    }

    public SalvageReport Salvage() => ReplicatedLogs.Salvage(Disk, Options, new JournalMetrics(_meters), TimeProvider.System);

    public ReplicatedLog Log(int partition) => Logs.Get(new PartitionId(partition), OwnerOf(new PartitionId(partition)));

    public Owner OwnerOf(int partition) => OwnerOf(new PartitionId(partition));

    public void Dispose()
    {
        Logs?.Journal.Abandon();
        _meters.Dispose();
    }

    public static async Task<long> WriteAsync(ReplicatedLog log, Owner owner, string text)
    {
        var seq = log.Append(RecordKind.Samples, Encoding.UTF8.GetBytes(text));
        await CommitAsync(log, owner, seq);
        return seq;
    }

    public static async Task CommitAsync(ReplicatedLog log, Owner owner, long seq)
    {
        owner.ClosedBy = null;
        while (log.Applied.Seq < seq)
        {
            log.Advance();
            if (owner.ClosedBy is { } reason)
            {
                throw new LogLostException(reason, null);
            }

            if (log.Applied.Seq < seq)
            {
                await owner.ProgressAsync(TimeSpan.FromSeconds(20));
            }
        }
    }

    private Owner OwnerOf(PartitionId partition)
    {
        if (!Owners.TryGetValue(partition, out var owner))
        {
            Owners.Add(partition, owner = new Owner());
        }

        return owner;
    }

    /// <summary>State of a partition: the texts applied.</summary>
    internal sealed class Owner : IPartitionLogOwner, IDisposable
    {
        private readonly SemaphoreSlim _progress = new(0);

        public List<string> Applied { get; } = [];

        public List<long> Seqs { get; } = [];

        /// <summary>Why the log stopped taking appends last.</summary>
        public string? ClosedBy { get; set; }

        public string? Damage { get; set; }

        public Task ProgressAsync(TimeSpan patience) => _progress.WaitAsync(patience);

        public void Reset()
        {
            Seqs.Clear();
            Applied.Clear();
        }

        public void Closed(string reason) => ClosedBy = reason;

        public void Load(CheckpointReader checkpoint)
        {
            while (checkpoint.NextSection())
            {
                var length = new byte[4];
                while (checkpoint.Read(length) == 4)
                {
                    var text = new byte[BitConverter.ToInt32(length)];
                    checkpoint.ReadExactly(text);
                    Applied.Add(Encoding.UTF8.GetString(text));
                }
            }
        }

        public void Save(Deucalion.Common.IO.IDisk disk, ReplicatedLog log)
        {
            var header = log.CheckpointHere();
            using var writer = new CheckpointWriter(disk, log.CheckpointPath, header);
            writer.BeginSection(1);
            foreach (var text in Applied)
            {
                var bytes = Encoding.UTF8.GetBytes(text);
                writer.Write(BitConverter.GetBytes(bytes.Length));
                writer.Write(bytes);
            }

            writer.Commit();
            log.Checkpointed(header);
        }

        public void Apply(long seq, RecordKind kind, ReadOnlySpan<byte> payload)
        {
            Seqs.Add(seq);
            Applied.Add(Encoding.UTF8.GetString(payload));
        }

        public void LogProgressed() => _progress.Release();

        public void Dispose() => _progress.Dispose();
    }
}
