using Deucalion.Common.Contracts;
using Deucalion.Common.Identifiers;
using Deucalion.Common.IO;
using Deucalion.Common.Log;
using Testing.Disk;
using Testing.Telemetry;

namespace Common.Tests.Log;

/// <summary>A journal on a simulated disk, and what was acknowledged by it.</summary>
internal sealed class JournalFixture : IDisposable
{
    public const string Directory = "/data/journal";

    private readonly TestMeterFactory _meters = new();
    private readonly JournalMetrics _metrics;

    public JournalFixture(int seed)
    {
        Disk = new SimulatedDisk(seed);
        _metrics = new JournalMetrics(_meters);
    }

    public SimulatedDisk Disk { get; }

    public double Metric(string name) => _meters.Sum(name);

    public Journal Open(int segmentBytes = 1 << 20, JournalSync sync = JournalSync.Batch, IDisk? disk = null, int maxRoundBytes = 8 << 20, long reserve = 0) =>
        Journal.Open(
            disk ?? Disk,
            new JournalOptions { Directory = Directory, SegmentBytes = segmentBytes, Sync = sync, MaxRoundBytes = maxRoundBytes, ReserveBytes = reserve },
            _metrics,
            TimeProvider.System);

    public static List<Entry> ReadAll(Journal journal)
    {
        var records = new List<Entry>();
        using var reader = journal.OpenReader();
        while (reader.Read())
        {
            records.Add(new Entry(reader.Partition.Value, reader.Term, reader.Seq, reader.Kind, Convert.ToHexString(reader.Payload)));
        }

        return records;
    }

    public static async Task<Entry> AppendAsync(Journal journal, int partition, long term, long seq, byte[] payload)
    {
        var waiter = new Waiter();
        journal.Append(new PartitionId(partition), term, seq, RecordKind.Samples, payload, waiter);
        await waiter.Task;
        return new Entry(partition, term, seq, RecordKind.Samples, Convert.ToHexString(payload));
    }

    public static List<string> Segments(IDisk disk) =>
        [.. disk.List(Directory).Select(static entry => entry.Name).Where(static name => name.EndsWith(".log", StringComparison.Ordinal))];

    public void Dispose() => _meters.Dispose();

    internal sealed record Entry(int Partition, long Term, long Seq, RecordKind Kind, string Payload);

    internal sealed class Waiter : IJournalCompletion
    {
        private readonly TaskCompletionSource<JournalPosition> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<JournalPosition> Task => _source.Task;

        public void Completed(PartitionId partition, long term, long seq, JournalPosition end, Exception? error)
        {
            if (error is null)
            {
                _source.TrySetResult(end);
            }
            else
            {
                _source.TrySetException(error);
            }
        }
    }
}
