using System.Diagnostics.Metrics;

namespace Deucalion.Common.Log;

/// <summary>What journals measure.</summary>
public sealed class JournalMetrics
{
    private readonly Counter<long> _bytes;
    private readonly Counter<long> _rounds;
    private readonly Counter<long> _records;
    private readonly Counter<long> _tornTails;
    private readonly Counter<long> _tornBytes;
    private readonly Counter<long> _failures;
    private readonly Histogram<double> _sync;
    private readonly UpDownCounter<long> _segments;

    /// <summary>Creates the instruments.</summary>
    public JournalMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Deucalion.Journal");
        _bytes = meter.CreateCounter<long>("deucalion_journal_written_bytes_total", "bytes", "Bytes written to the journal.");
        _rounds = meter.CreateCounter<long>("deucalion_journal_rounds_total", null, "Commit rounds written to the journal.");
        _records = meter.CreateCounter<long>("deucalion_journal_records_total", null, "Records written to the journal.");
        _tornTails = meter.CreateCounter<long>("deucalion_journal_torn_tails_total", null, "Torn tails cut when the journal was opened.");
        _tornBytes = meter.CreateCounter<long>("deucalion_journal_torn_tail_bytes_total", "bytes", "Bytes of torn tails cut when the journal was opened.");
        _failures = meter.CreateCounter<long>("deucalion_journal_failures_total", null, "Writes or syncs of the journal that failed.");
        _sync = meter.CreateHistogram<double>("deucalion_journal_sync_duration_seconds", "seconds", "Time of a sync of the journal to the device.", advice: new InstrumentAdvice<double>
        {
            // From a fast flash device to a disk in trouble.
            HistogramBucketBoundaries = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
        });
        _segments = meter.CreateUpDownCounter<long>("deucalion_journal_segments", null, "Segment files of the journal.");
    }

    internal void RoundWritten(int bytes, int records)
    {
        _bytes.Add(bytes);
        _rounds.Add(1);
        _records.Add(records);
    }

    internal void Synced(TimeSpan duration) => _sync.Record(duration.TotalSeconds);

    internal void TornTail(long bytes)
    {
        _tornTails.Add(1);
        _tornBytes.Add(bytes);
    }

    internal void Failed() => _failures.Add(1);

    internal void Segments(int change) => _segments.Add(change);
}
