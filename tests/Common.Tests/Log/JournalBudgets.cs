using Deucalion.Common.Contracts;
using Deucalion.Common.Identifiers;
using Deucalion.Common.IO;
using Deucalion.Common.Log;
using Testing.Telemetry;
using Xunit;

namespace Common.Tests.Log;

/// <summary>What the hot paths may allocate, on a real disk.</summary>
public sealed class JournalBudgets : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("journal-").FullName;
    private readonly TestMeterFactory _meters = new();

    public void Dispose()
    {
        _meters.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public void AppendingAndReadingAllocateNothingForARecord()
    {
        using var journal = Journal.Open(
            new LinuxDisk(), new JournalOptions { Directory = Path.Combine(_root, "journal"), Sync = JournalSync.Never }, new JournalMetrics(_meters), TimeProvider.System);
        var payload = new byte[5000];
        var completion = new Count();
        Append(journal, payload, completion, 1, 3000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Append(journal, payload, completion, 3001, 3000);
        var appending = GC.GetAllocatedBytesForCurrentThread() - before;
        using var reader = journal.OpenReader();
        for (var i = 0; i < 1000; i++)
        {
            Assert.True(reader.Read());
        }

        before = GC.GetAllocatedBytesForCurrentThread();
        var bytes = 0L;
        while (reader.Read())
        {
            bytes += reader.Payload.Length;
        }

        var reading = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(5000 * 5000, bytes);
        Assert.True(appending < 3000 * 8, $"appending 3000 records allocated {appending} bytes");
        Assert.True(reading < 5000, $"reading 5000 records allocated {reading} bytes");
    }

    private static void Append(Journal journal, byte[] payload, Count completion, int first, int count)
    {
        for (var seq = first; seq < first + count; seq++)
        {
            while (journal.PendingBytes >= 100_000)
            {
                Thread.Yield();
            }

            journal.Append(new PartitionId(1), 1, seq, RecordKind.Samples, payload, completion);
        }

        SpinWait.SpinUntil(() => completion.Value >= first + count - 1);
    }

    private sealed class Count : IJournalCompletion
    {
        private int _value;

        public int Value => Volatile.Read(ref _value);

        public void Completed(PartitionId partition, long term, long seq, JournalPosition end, Exception? error) => Volatile.Write(ref _value, (int)seq);
    }
}
