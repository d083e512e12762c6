using System.Buffers;
using System.Text;
using Deucalion.Common.Contracts;
using Deucalion.Common.Hashing;
using Deucalion.Common.Labels;
using Deucalion.Storage.Chunks.Xor;
using Deucalion.Storage.Head;
using Xunit;

namespace Deucalion.Storage.Tests.Head;

public sealed class TenantHeadTests : IDisposable
{
    private const long Window = TenantHead.WindowLength;
    private const long Start = 1_700_006_400_000;
    private static readonly Labels A = Labels.Of(("__name__", "up"), ("job", "a"));
    private static readonly Labels B = Labels.Of(("__name__", "up"), ("job", "b"));

    private readonly HeadHarness _harness = new();

    public void Dispose() => _harness.Dispose();

    [Fact]
    public void ShowsSamples_OnlyAfterTheyWereApplied()
    {
        _harness.Stage(Start, (A, Start, 1));
        Assert.Empty(_harness.Read([], 0, long.MaxValue));
        Assert.Equal(1, _harness.Head.PendingSamples);

        _harness.CommitAll();

        Assert.Equal([Start], _harness.Read([], 0, long.MaxValue)[A].Keys);
        Assert.Equal(0, _harness.Head.PendingSamples);
    }

    [Fact]
    public void JudgesAgainstStagedSamples_BeforeTheyAreApplied()
    {
        _harness.Stage(Start, (A, Start, 1));
        var again = _harness.Stage(Start, (A, Start, 1));
        var conflict = _harness.Stage(Start, (A, Start, 2));

        Assert.Equal((0, 1, 0), (again.Staged, again.Duplicates, again.NewSeries));
        Assert.Equal(1, conflict.RejectedFor(SampleRejection.DuplicateTimestamp));
        Assert.Equal([new RejectedSample(SampleRejection.DuplicateTimestamp, 0, 0)], conflict.Examples);
        Assert.Equal(2, _harness.Pending.Count);
    }

    [Fact]
    public void RejectsByReason_WhenSamplesBreakTheLimits()
    {
        _harness.Write((A, Start, 1));
        var result = _harness.Stage(
            Start, (A, Start - 1_800_000, 1), (A, Start - 1_800_001, 1), (A, Start + 600_001, 1), (A, Start + 600_000, 1));

        Assert.Equal((2, 1, 2), (result.Staged, result.OutOfOrder, result.Rejected));
        Assert.Equal(1, result.RejectedFor(SampleRejection.TooOld));
        Assert.Equal(1, result.RejectedFor(SampleRejection.TooFarInFuture));

        _harness.Limits = HeadLimits.Default with { OutOfOrderWindow = TimeSpan.Zero };
        Assert.Equal(1, _harness.Stage(Start, (A, Start + 1, 1)).RejectedFor(SampleRejection.OutOfOrder));
    }

    [Fact]
    public void RejectsTimes_ThatNoArithmeticHolds()
    {
        var result = _harness.Stage(long.MaxValue - 600_000, (A, long.MaxValue, 1), (A, long.MinValue, 1), (A, long.MinValue + 1, 1));

        Assert.Equal((0, 3), (result.Staged, result.Rejected));
        Assert.Empty(_harness.Pending);
    }

    [Fact]
    public void TakesOldSamples_OfSeriesThatAreOldThemselves()
    {
        _harness.Write((A, Start, 1));
        Assert.Equal(1, _harness.Write((B, Start - (30 * Window), 1)).Staged);
    }

    [Fact]
    public void RefusesNewSeries_AtTheLimit()
    {
        _harness.Limits = HeadLimits.Default with { MaxSeries = 1 };
        var result = _harness.Stage(Start, (A, Start, 1), (B, Start, 1), (B, Start + 1, 1), (A, Start + 1, 1));

        Assert.Equal((2, 1), (result.Staged, result.NewSeries));
        Assert.Equal(2, result.RejectedFor(SampleRejection.SeriesLimit));
    }

    [Fact]
    public void GivesTheSameRefs_AfterStagingWasDropped()
    {
        _harness.Stage(Start, (A, Start, 1));
        var first = _harness.Pending.First().Payload;
        _harness.DropStaged();
        Assert.Equal(1, _harness.Stage(Start, (A, Start, 2)).Staged);

        Assert.Equal(first, _harness.Pending.First().Payload);
        _harness.CommitAll();
        Assert.Equal(new HeldSample(HeadSample.KeyOf(2), 0), _harness.Read([], 0, long.MaxValue)[A][Start]);
    }

    [Fact]
    public void WritesChunks_AsTheBlockFormatHasThem()
    {
        var random = new Random(4);
        var appender = default(XorAppender);
        var expected = new byte[8192];
        var time = Start;
        for (var i = 0; i < 120; i++)
        {
            time += random.Next(3) == 0 ? 15_000 : random.Next(1, 600_000) % 50_000;
            var value = random.Next(3) switch { 0 => i, 1 => random.NextDouble(), _ => BitConverter.Int64BitsToDouble(random.NextInt64()) };
            Assert.True(appender.TryAppend(expected, time, value));
            _harness.Write((A, time, value));
        }

        using var batch = new ChunkSeriesBatch();
        _harness.Head.Select([], 0, long.MaxValue, batch);
        var chunk = Assert.Single(batch.ChunksAt(0).ToArray());
        Assert.Equal(Convert.ToHexString(expected.AsSpan(0, appender.Length)), Convert.ToHexString(batch.Bytes(chunk)));
    }

    [Fact]
    public void CutsChunks_AtTheWindowAndAt120Samples()
    {
        for (var i = 0; i < 500; i++)
        {
            _harness.Write((A, Start + (i * 20_000L), i));
        }

        using var batch = new ChunkSeriesBatch();
        _harness.Head.Select([], 0, long.MaxValue, batch);
        var counts = batch.ChunksAt(0).ToArray().Select(c => (c.MinTime, c.MaxTime)).ToList();
        Assert.Equal(5, counts.Count);
        Assert.All(counts, c => Assert.Equal(c.MinTime / Window, c.MaxTime / Window));
    }

    [Fact]
    public void SaysWhatWasTruncated_AndForgetsSeriesWithoutSamples()
    {
        _harness.Write((A, Start, 1), (B, Start, 1), (B, Start + (2 * Window), 1));
        var due = Assert.Single(_harness.Head.DueWindows(Start));
        Assert.Equal(Start / Window * Window, due.WindowStart);
        _harness.Head.StageCut(due, _harness);
        _harness.CommitAll();
        var window = Assert.Single(_harness.Head.SealedWindows());
        Assert.Equal((due.Generation, 2L, Start, Start), (window.Generation, window.Samples, window.MinTime, window.MaxTime));
        var source = window.Open();

        _harness.Head.StageTruncate(due.Generation, "01HF", Start, _harness);
        _harness.CommitAll();

        Assert.Equal(new TruncatedGeneration(3, due.Generation, "01HF"), Assert.Single(_harness.Head.TruncatedGenerations));
        Assert.Equal(1, _harness.Head.SeriesCount);
        Assert.Equal([Start + (2 * Window)], _harness.Read([], 0, long.MaxValue)[B].Keys);
        Assert.Throws<WindowTruncatedException>(() => source.NextSeries());
        var values = new HashSet<string>();
        _harness.Head.LabelValues("job", [], 0, long.MaxValue, values);
        Assert.Equal(["b"], values);
    }

    [Fact]
    public void LeavesAWindowOpen_WhenLateSamplesOpenedItAgain()
    {
        var now = Start + (2 * Window);
        _harness.Stage(now, (A, now, 1));
        _harness.Stage(now, (B, Start, 1));
        _harness.CommitAll();
        Assert.Empty(_harness.Head.DueWindows(now));

        _harness.Stage(now + 1_800_000, (A, now + 1_800_000, 1));
        _harness.CommitAll();
        Assert.Empty(_harness.Head.DueWindows(now + 3_599_999));
        Assert.Equal(2, Assert.Single(_harness.Head.DueWindows(now + 3_600_000)).Generation);
    }

    [Fact]
    public void IsDue_AfterAnHourWithoutAppends()
    {
        _harness.Write((A, Start, 1));
        Assert.Empty(_harness.Head.DueWindows(Start + 3_599_999));
        Assert.Single(_harness.Head.DueWindows(Start + 3_600_000));
    }

    [Fact]
    public void OpensTheNextGeneration_WhenSamplesComeAfterTheCut()
    {
        _harness.Write((A, Start, 1));
        _harness.CutAll();
        _harness.Write((A, Start + 1, 2));

        Assert.Equal([Start, Start + 1], _harness.Read([], 0, long.MaxValue)[A].Keys);
        Assert.Equal(1, Assert.Single(_harness.Head.SealedWindows()).Generation);
        Assert.Equal(2, Assert.Single(_harness.OpenWindows()).Generation);
    }

    [Fact]
    public void KeepsNewestMetadata_AndLogsChangesOnly()
    {
        _harness.StageMetadata("up", 2, "Whether it is up.", "");
        _harness.StageMetadata("up", 2, "Whether it is up.", "");
        Assert.Single(_harness.Pending);
        Assert.Empty(_harness.Head.Metadata());
        _harness.CommitAll();
        _harness.StageMetadata("up", 2, "Whether it is up.", "");
        Assert.Empty(_harness.Pending);
        _harness.StageMetadata("up", 1, "Changed.", "s");
        _harness.CommitAll();

        Assert.Equal(new MetricMetadata("up", "counter", "Changed.", "s"), Assert.Single(_harness.Head.Metadata()));
        using var restored = _harness.Restore(_harness.Checkpoint());
        Assert.Equal(_harness.Head.Metadata(), restored.Metadata());
    }

    [Fact]
    public void CountsWhatItHolds_ForTheStatusPage()
    {
        _harness.Write((A, Start, 1), (B, Start + 5, 1), (Labels.Of(("__name__", "x"), ("job", "b")), Start, 1));
        var status = _harness.Head.Status(1);

        Assert.Equal((3L, 4L, 3L, Start, Start + 5), (status.Series, status.LabelPairs, status.Chunks, status.MinTime, status.MaxTime));
        Assert.Equal([new NamedCount("up", 2)], status.SeriesByMetric);
        Assert.Equal([new NamedCount("__name__", 2)], status.ValuesByLabel);
        Assert.Equal([new NamedCount("__name__", 3)], status.BytesByLabel);
        Assert.Equal(2, Assert.Single(status.SeriesByPair).Value);
    }

    [Fact]
    public void TellsSeriesApart_WhenTheirHashesCollide()
    {
        using var batch = new WriteBatch();
        batch.Reset();
        foreach (var value in (string[])["1", "2"])
        {
            batch.BeginSeries();
            batch.AddLabel(new WriteLabel(batch.AddText("n"u8), 1, batch.AddText(Encoding.UTF8.GetBytes(value)), 1));
            batch.AddSample(Start, double.Parse(value));
        }

        for (var round = 0; round < 2; round++)
        {
            var result = new StageResult();
            _harness.Head.Stage(batch, [0, 1], [7, 7], Start, HeadLimits.Default, _harness, result);
            Assert.Equal(round == 0 ? 2 : 0, result.NewSeries);
            Assert.Equal(0, result.Rejected);
            _harness.CommitAll();
        }

        Assert.Equal(2, _harness.Read([], 0, long.MaxValue).Count);
    }

    [Fact]
    public void ReusesRefs_AfterTheirSeriesWereDropped()
    {
        for (var round = 0; round < 5; round++)
        {
            for (var i = 0; i < 300; i++)
            {
                _harness.Write((Labels.Of(("__name__", "m"), ("id", $"{round}-{i}")), Start + round, i));
            }

            _harness.CutAll();
            _harness.Head.StageTruncate(Assert.Single(_harness.Head.SealedWindows()).Generation, "U", Start, _harness);
            _harness.CommitAll();
            Assert.Equal(0, _harness.Head.SeriesCount);
        }

        Assert.True(_harness.Head.ReservedBytes < 400_000, $"{_harness.Head.ReservedBytes} bytes are held");
        Assert.Equal(0, _harness.Head.Status(10).LabelPairs);
        Assert.Empty(_harness.Read([], 0, long.MaxValue));
    }

    [Fact]
    public void AllocatesNothing_WhenKnownSeriesAreAppended()
    {
        const int Series = 500;
        using var batch = new WriteBatch();
        var sink = new ReusedSink();
        var hashes = new ulong[Series];
        var indexes = Enumerable.Range(0, Series).ToArray();
        var text = new ArrayBufferWriter<byte>();
        for (var i = 0; i < Series; i++)
        {
            text.Write(Encoding.UTF8.GetBytes($"id{i:000000}"));
            hashes[i] = RoutingHash.Of(Labels.Of(("id", $"{i:000000}")));
        }

        var bytes = text.WrittenSpan.ToArray();
        var result = new StageResult();
        long allocated = 0;
        for (var round = 0; round < 200; round++)
        {
            batch.Reset(bytes, bytes.Length);
            for (var i = 0; i < Series; i++)
            {
                batch.BeginSeries();
                batch.AddLabel(new WriteLabel(8 * i, 2, (8 * i) + 2, 6));
                batch.AddSample(Start + (round * 15_000L), i % 2 == 0 ? i : round * 0.1);
            }

            sink.Clear();
            var before = GC.GetAllocatedBytesForCurrentThread();
            _harness.Head.Stage(batch, indexes, hashes, Start + (round * 15_000L), HeadLimits.Default, sink, result);
            sink.ApplyTo(_harness.Head);
            allocated += round < 100 ? 0 : GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.Equal(200 * Series, result.Staged);

        // New pages of chunks are noted in managed lists now and then; nothing grows with the samples.
        Assert.InRange(allocated, 0, 20_000);
    }

    [Fact]
    public void RefusesReaders_AfterItWasDisposed()
    {
        _harness.Write((A, Start, 1));
        _harness.Head.Dispose();
        Assert.Throws<ObjectDisposedException>(() => _harness.Read([], 0, long.MaxValue));
    }

    [Fact]
    public void GivesAllMemoryBack_WhenItIsDisposed()
    {
        var resources = new HeadResources(long.MaxValue, poison: true);
        var before = resources.Budget.Used;
        var head = new TenantHead(resources, 1);
        var random = new Random(1);
        for (var i = 0; i < 300; i++)
        {
            _harness.Write((Labels.Of(("__name__", "m"), ("id", i.ToString())), Start + (random.Next(4) * Window), i));
        }

        _harness.CutAll();
        _harness.Head.StageTruncate(_harness.Head.SealedWindows()[0].Generation, "U", Start, _harness);
        _harness.CommitAll();
        _harness.Committed.ForEach(record => head.Apply(record.Kind, record.Payload));
        Assert.True(resources.Budget.Used > before);
        Assert.True(resources.Symbols.Count > 100);

        head.Dispose();
        Assert.Equal(0, resources.Symbols.Count);
        resources.Dispose();
        Assert.Equal(0, resources.Budget.Used);
    }

    private sealed class ReusedSink : IRecordSink
    {
        private readonly ArrayBufferWriter<byte> _bytes = new(1 << 20);
        private readonly List<(RecordKind Kind, int Start, int Length)> _records = new(16);
        private RecordKind _kind;
        private int _start;

        public void Clear()
        {
            _bytes.ResetWrittenCount();
            _records.Clear();
        }

        public IBufferWriter<byte> Begin(RecordKind kind)
        {
            _kind = kind;
            _start = _bytes.WrittenCount;
            return _bytes;
        }

        public void End() => _records.Add((_kind, _start, _bytes.WrittenCount - _start));

        public void ApplyTo(TenantHead head)
        {
            foreach (var (kind, start, length) in _records)
            {
                head.Apply(kind, _bytes.WrittenSpan.Slice(start, length));
            }
        }
    }
}
