using System.Diagnostics;
using Deucalion.Common.Contracts;
using Deucalion.Common.Labels;
using Deucalion.Common.Samples;
using Deucalion.Storage.Chunks;
using Deucalion.Storage.Head;
using Xunit;

namespace Deucalion.Storage.Tests.Head;

/// <summary>
/// Readers beside the writer while series come and go, chunks are written anew and freed memory is poisoned: every answer must be
/// a state that the head had between its beginning and its end.
/// </summary>
public sealed class HeadReaderRaceTests
{
    private const long Start = 1_700_006_400_000;
    private const int SeriesCount = 60;
    private const int Rounds = 150;

    [Fact]
    public Task SeesWholeSamplesOnly_WhileTheWriterChangesEverything() => RunAsync(TimeSpan.Zero);

    [Fact]
    [Trait("Category", "slow")]
    public Task SeesWholeSamplesOnly_WhileTheWriterGoesOnForAMinute() => RunAsync(TimeSpan.FromMinutes(1));

    private static async Task RunAsync(TimeSpan duration)
    {
        var clock = Stopwatch.StartNew();
        using var harness = new HeadHarness();
        harness.Head.State.ReaderPause = () => Thread.SpinWait(300);
        var finished = 0;
        var reads = 0;
        long applied = Start - 1;
        var readers = Enumerable.Range(0, 3).Select(reader => Task.Run(() =>
        {
            var matchers = reader switch
            {
                0 => Array.Empty<LabelMatcher>(),
                1 => [new LabelMatcher(Common.Labels.MatchType.Equal, "job", "steady")],
                _ => [new LabelMatcher(Common.Labels.MatchType.NotRegex, "round", "[0-9]*1"), new LabelMatcher(Common.Labels.MatchType.NotEqual, "job", "")],
            };
            do
            {
                Check(harness.Head, matchers, Volatile.Read(ref applied));
                Interlocked.Increment(ref reads);
            }
            while (Volatile.Read(ref finished) == 0);
        })).ToArray();

        try
        {
            for (var round = 0; round < Rounds || Volatile.Read(ref reads) < 60 || clock.Elapsed < duration; round++)
            {
                Write(harness, round);
                Volatile.Write(ref applied, Start + round);
                if (readers.Any(r => r.IsFaulted))
                {
                    break;
                }
            }
        }
        finally
        {
            Volatile.Write(ref finished, 1);
            await Task.WhenAll(readers);
        }
    }

    // The value of every sample says its series and time, so that a torn or stolen byte shows.
    private static double ValueOf(int id, long time) => (id * 1e9) + (time - Start);

    // A third are histograms whose buckets come and go, so that chunks are written anew; another third have start timestamps.
    private static HeadSample SampleOf(Labels labels, int id, long time) => (id % 3) switch
    {
        0 => new HeadSample(labels, time, ValueOf(id, time)),
        1 => new HeadSample(labels, time, ValueOf(id, time), null, Start - (time / 50 % 2)),
        _ => new HeadSample(labels, time, 0, HistogramOf(ValueOf(id, time), time)),
    };

    private static FloatHistogram HistogramOf(double value, long time) => new()
    {
        IsInteger = true,
        CounterResetHint = CounterResetHint.Gauge,
        Sum = value,
        Count = 3,
        PositiveSpans = [new HistogramSpan((int)(time % 11), 1), new HistogramSpan(1, 1)],
        PositiveBuckets = [1, 2],
    };

    private static void Write(HeadHarness harness, int round)
    {
        var samples = new List<HeadSample>();
        for (var i = 0; i < SeriesCount; i++)
        {
            var labels = Labels.Of(("__name__", "m"), ("id", i.ToString()), ("job", "steady"));
            samples.Add(SampleOf(labels, i, Start + round));
            if (i % 7 == 0)
            {
                // Out of order: the chunk is written anew.
                samples.Add(SampleOf(labels, i, Start - 1_000_000 + ((round * 7919L) % 900_000)));
            }
        }

        var passing = Labels.Of(("__name__", "m"), ("id", (1000 + round).ToString()), ("job", "passing"), ("round", round.ToString()));
        samples.Add(SampleOf(passing, 1000 + round, Start - (2 * TenantHead.WindowLength) + round));
        harness.Stage(Start + round, samples);
        harness.CommitAll();
        if (round % 5 == 4)
        {
            var oldest = harness.OpenWindows()[0];
            harness.Head.StageCut(oldest, harness);
            harness.CommitAll();
            harness.Head.StageTruncate(oldest.Generation, "U", Start, harness);
            harness.CommitAll();
        }
    }

    private static void Check(TenantHead head, LabelMatcher[] matchers, long applied)
    {
        using var batch = new ChunkSeriesBatch();

        // Of the steady series the last samples, and all late ones: what came before is only more of the same.
        var from = Math.Max(Start, applied - 500);
        head.Select(matchers, applied % 8 == 0 ? long.MinValue : from, long.MaxValue, batch);
        var steady = 0;
        var buffer = new SampleBuffer();
        for (var i = 0; i < batch.Count; i++)
        {
            var labels = batch.LabelsAt(i);
            Assert.All(matchers, m => Assert.True(m.Matches(labels.Get(m.Name))));
            var id = int.Parse(labels.Get("id"));
            var isSteady = id < 1000;
            Assert.Equal(isSteady ? "steady" : "passing", labels.Get("job"));
            Assert.Equal(isSteady ? "" : (id - 1000).ToString(), labels.Get("round"));
            var newest = long.MinValue;
            var count = 0;
            foreach (ref readonly var chunk in batch.ChunksAt(i))
            {
                buffer.Clear();
                ChunkDecoder.Decode(chunk.Encoding, batch.Bytes(chunk), long.MinValue, long.MaxValue, buffer);
                for (var s = 0; s < buffer.Count; s++)
                {
                    Assert.InRange(buffer.Times[s], chunk.MinTime, chunk.MaxTime);
                    Assert.Equal(ValueOf(id, buffer.Times[s]), buffer.Values[s]);
                    newest = Math.Max(newest, buffer.Times[s]);
                    count += buffer.Times[s] >= from ? 1 : 0;
                }

                foreach (ref readonly var sample in buffer.Histograms)
                {
                    Assert.InRange(sample.Time, chunk.MinTime, chunk.MaxTime);
                    Assert.Equal(HeadSample.KeyOf(HistogramOf(ValueOf(id, sample.Time), sample.Time)), HeadSample.KeyOf(sample.Histogram));
                    newest = Math.Max(newest, sample.Time);
                    count += sample.Time >= from ? 1 : 0;
                }
            }

            if (isSteady)
            {
                steady++;
                Assert.True(newest >= applied, "what was applied before the select began is in the answer");
                Assert.Equal(newest < from ? 0 : newest - from + 1, count);
            }
        }

        Assert.Equal(applied >= Start ? SeriesCount : steady, steady);
    }
}
