using Deucalion.Common.Contracts;
using Deucalion.Common.Labels;
using Deucalion.Common.Samples;
using Deucalion.Storage.Chunks;
using Deucalion.Storage.Head;
using Deucalion.Storage.Tests.Chunks;
using Xunit;
using MatchType = Deucalion.Common.Labels.MatchType;

namespace Deucalion.Storage.Tests.Head;

/// <summary>Random histories, compared step by step with <see cref="HeadModel"/>, with a replica and with heads restored from checkpoints.</summary>
public sealed class HeadProperties
{
    private const long Start = 1_700_000_000_000;

    public static TheoryData<int> Seeds => new(Enumerable.Range(1, 16));

    [Theory]
    [MemberData(nameof(Seeds))]
    public void HoldsWhatTheModelHolds_AfterAnyHistory(int seed)
    {
        using var history = new History(seed);
        history.Run(120);
    }

    private sealed class History(int seed) : IDisposable
    {
        private readonly Random _random = new(seed);
        private readonly HeadHarness _harness = new();
        private readonly List<Labels> _labels = [];
        private readonly Queue<List<Action<HeadModel>>> _events = new();
        private readonly HeadModel _applied = new();
        private HeadModel _staged = new();
        private TenantHead? _replica;
        private int _replicaAt;
        private readonly Dictionary<(Labels Labels, bool IsFloat), Queue<FloatHistogram>> _histograms = [];
        private long _now = Start;
        private int _ulid;

        public void Run(int steps)
        {
            _replica = new TenantHead(_harness.Resources, 3);
            var series = _random.Next(1, 40);
            for (var i = 0; i < series; i++)
            {
                _labels.Add(RandomLabels(i));
            }

            for (var i = 0; i < steps; i++)
            {
                Step();
            }

            CommitAll();
            Verify();
            VerifyReplica();
        }

        public void Dispose()
        {
            _replica?.Dispose();
            _harness.Dispose();
        }

        private void Step()
        {
            switch (_random.Next(22))
            {
                case < 11:
                    StageBatch(onlyNew: false);
                    break;
                case < 15:
                    Commit();
                    break;
                case 15:
                    _harness.DropStaged();
                    _events.Clear();
                    _staged = _applied.Clone();
                    break;
                case 16:
                    Cut();
                    break;
                case 17:
                    Truncate();
                    break;
                case 18:
                    Restore();
                    break;
                case 19:
                    VerifyReplica();
                    break;
                case 20:
                    VerifySealed();
                    break;
                default:
                    Verify();
                    break;
            }
        }

        private Labels RandomLabels(int i)
        {
            var builder = new LabelsBuilder().Set("__name__", "m" + _random.Next(4)).Set("id", i.ToString());
            if (_random.Next(2) == 0)
            {
                builder.Set("job", "j" + _random.Next(3));
            }

            if (_random.Next(3) == 0)
            {
                builder.Set("\u00e9tat", "\u732b" + _random.Next(3));
            }

            return builder.Build();
        }

        private void StageBatch(bool onlyNew)
        {
            _now += _random.Next(5) == 0 ? _random.Next(3_600_000) : _random.Next(60_000);
            var samples = new List<HeadSample>();

            // While a truncation is staged the head still knows the samples that will go; the model does not.
            var newest = _applied.Series.Values.Select(s => s.Newest).Append(_now).Max();
            var next = _staged.Series.ToDictionary(s => s.Key, s => s.Value.Newest);
            for (var n = _random.Next(1, 60); n > 0; n--)
            {
                var labels = _labels[_random.Next(_labels.Count)];
                for (var count = _random.Next(4) == 0 ? _random.Next(1, 150) : 1; count > 0; count--)
                {
                    var time = onlyNew ? newest + 1 + samples.Count : RandomTime(labels, next);
                    next[labels] = time <= _now + 600_000 ? Math.Max(next.GetValueOrDefault(labels, long.MinValue), time) : next.GetValueOrDefault(labels, long.MinValue);
                    samples.Add(RandomSample(labels, time));
                }
            }

            // A head judges the floats of a batch before its histograms: they are records of their own.
            var expected = new Dictionary<SampleRejection, int>();
            var (known, floats, histograms) = (0, new List<Action<HeadModel>>(), new List<Action<HeadModel>>());
            foreach (var sample in samples.OrderBy(s => s.Histogram is not null))
            {
                var (isKnown, reason) = _staged.Judge(sample.Labels, sample.Time, sample.Key, _now);
                if (reason is { } r)
                {
                    expected[r] = expected.GetValueOrDefault(r) + 1;
                }
                else if (isKnown)
                {
                    known++;
                }
                else
                {
                    var held = new HeldSample(sample.Key, sample.Start);
                    _staged.Add(sample.Labels, sample.Time, held);
                    (sample.Histogram is null ? floats : histograms).Add(model => model.Add(sample.Labels, sample.Time, held));
                }
            }

            var before = _harness.Pending.Count;
            var result = _harness.Stage(_now, samples);
            Assert.Equal(floats.Count + histograms.Count, result.Staged);
            Assert.Equal(known, result.Duplicates);
            Assert.Equal(expected.Values.Sum(), result.Rejected);
            foreach (var (reason, count) in expected)
            {
                Assert.Equal(count, result.RejectedFor(reason));
            }

            foreach (var (kind, _) in _harness.Pending.Skip(before))
            {
                // The series record changes nothing that the model sees.
                _events.Enqueue(kind switch { RecordKind.Samples => floats, RecordKind.Histograms => histograms, _ => [] });
            }
        }

        private HeadSample RandomSample(Labels labels, long time)
        {
            // What a series holds follows from its number; some change their minds now and then.
            var kind = (int.Parse(labels.Get("id")) + (_random.Next(30) == 0 ? 1 : 0)) % 5;
            var start = kind == 4 || _random.Next(50) == 0 ? Start - (_random.Next(20) == 0 ? _random.Next(1000) : 0) : 0;
            if (kind is not (1 or 3))
            {
                return new HeadSample(labels, time, RandomValue(labels), null, start);
            }

            // A stale marker ends the chunk there is, whether that has start timestamps or not: it has none itself.
            var histogram = RandomHistogram(labels, isFloat: kind == 3);
            start = kind == 3 && _random.Next(2) == 0 ? Start : start;
            return new HeadSample(labels, time, 0, histogram, SpecialValues.IsStaleNaN(histogram.Sum) ? 0 : start);
        }

        private FloatHistogram RandomHistogram(Labels labels, bool isFloat)
        {
            if (!_histograms.TryGetValue((labels, isFloat), out var queue) || queue.Count == 0)
            {
                queue = new Queue<FloatHistogram>(HistogramRoundTripTests.RandomSamples(_random, 40, isFloat).Select(s => s.Histogram));
                _histograms[(labels, isFloat)] = queue;
            }

            return queue.Dequeue();
        }

        private long RandomTime(Labels labels, Dictionary<Labels, long> next)
        {
            _staged.Series.TryGetValue(labels, out var series);
            var newest = next.GetValueOrDefault(labels, long.MinValue);
            newest = newest == long.MinValue ? _now - _random.Next(100_000) : newest;
            switch (_random.Next(12))
            {
                case 0:
                    return newest - _random.Next(2_000_000);
                case 1 when series is { Samples.Count: > 0 }:
                    return series.Samples.Keys.ElementAt(_random.Next(series.Samples.Count));
                case 2:
                    return newest;
                case 3:
                    return _now + _random.Next(1_000_000);
                case 4:
                    return newest + _random.Next(100_000);
                default:
                    return Math.Max(Math.Min(newest + 15_000, _now), newest + 1);
            }
        }

        private double RandomValue(Labels labels) => _random.Next(10) switch
        {
            0 => SpecialValues.StaleNaN,
            1 => _random.NextDouble() * 1e6,
            2 => double.NegativeInfinity,
            3 => -0.0,
            4 => BitConverter.Int64BitsToDouble(_random.NextInt64()),
            5 or 6 => _random.Next(1 << 20),
            _ => labels.Count,
        };

        private void Commit()
        {
            if (_harness.Pending.Count == 0)
            {
                return;
            }

            foreach (var change in _events.Dequeue())
            {
                change(_applied);
            }

            _harness.Commit();
        }

        private void CommitAll()
        {
            while (_harness.Pending.Count > 0)
            {
                Commit();
            }
        }

        private void Cut()
        {
            // Staged samples may open windows before the cut is applied, but they cannot close any.
            CommitAll();
            var open = _harness.OpenWindows();
            Assert.Equal(_applied.Open.Select(o => new DueWindow(o.Key, o.Value)), open);
            if (open.Count == 0)
            {
                return;
            }

            var window = open[_random.Next(open.Count)];
            _harness.Head.StageCut(window, _harness);
            _staged.Cut(window.WindowStart);
            _events.Enqueue([model => model.Cut(window.WindowStart)]);
            if (_random.Next(2) == 0)
            {
                StageBatch(onlyNew: false);
            }
        }

        private void Truncate()
        {
            CommitAll();
            var windows = _harness.Head.SealedWindows();
            if (windows.Count == 0)
            {
                return;
            }

            var generation = windows[_random.Next(windows.Count)].Generation;
            var ulid = "ULID" + _ulid++;
            _harness.Head.StageTruncate(generation, ulid, _now, _harness);
            _staged.Truncate(generation);
            _events.Enqueue([model => model.Truncate(generation)]);
            if (_random.Next(2) == 0)
            {
                StageBatch(onlyNew: true);
            }

            if (_random.Next(4) == 0)
            {
                _harness.DropStaged();
                _events.Clear();
                _staged = _applied.Clone();
                return;
            }

            CommitAll();
            Assert.Contains(_harness.Head.TruncatedGenerations, t => t.Generation == generation && t.Ulid == ulid && t.Partition == 3);
        }

        private void Restore()
        {
            var checkpoint = _harness.Checkpoint();
            var restored = _harness.Restore(checkpoint);
            Assert.Equal(checkpoint, HeadHarness.Checkpoint(restored));
            _harness.DropStaged();
            _events.Clear();
            _staged = _applied.Clone();
            _harness.Replace(restored);
        }

        private void VerifyReplica()
        {
            for (; _replicaAt < _harness.Committed.Count; _replicaAt++)
            {
                _replica!.Apply(_harness.Committed[_replicaAt].Kind, _harness.Committed[_replicaAt].Payload);
            }

            Assert.Equal(_harness.Checkpoint(), HeadHarness.Checkpoint(_replica!));
        }

        private void Verify()
        {
            Compare([], long.MinValue, long.MaxValue);
            var from = _now - _random.Next(10_000_000);
            var matchers = new List<LabelMatcher>();
            for (var n = _random.Next(1, 3); n > 0; n--)
            {
                matchers.Add(RandomMatcher());
            }

            Compare(matchers, from, from + _random.Next(10_000_000));
            CompareLabels(matchers);
        }

        private LabelMatcher RandomMatcher()
        {
            string[] names = ["__name__", "job", "\u00e9tat", "id", "missing"];
            string[] values = ["", "m1", "j1", "3", "\u732b1", "x"];
            string[] patterns = ["", ".*", ".+", "m[12]", "j0|j1", "|j2", "1|2|3", "\u732b.", "x?"];
            var type = (MatchType)_random.Next(4);
            var value = type is MatchType.Equal or MatchType.NotEqual ? values[_random.Next(values.Length)] : patterns[_random.Next(patterns.Length)];
            return new LabelMatcher(type, names[_random.Next(names.Length)], value);
        }

        private bool Matches(Labels labels, List<LabelMatcher> matchers) => matchers.TrueForAll(m => m.Matches(labels.Get(m.Name)));

        private void Compare(List<LabelMatcher> matchers, long minTime, long maxTime)
        {
            var found = _harness.Read(matchers, minTime, maxTime);
            foreach (var (labels, series) in _applied.Series)
            {
                var expected = series.Samples.Where(s => s.Key >= minTime && s.Key <= maxTime).ToDictionary(s => s.Key, s => s.Value.Held);
                if (!Matches(labels, matchers) || expected.Count == 0)
                {
                    // Chunks that touch the range may hold no sample in it.
                    Assert.True(!found.TryGetValue(labels, out var none) || (none.Count == 0 && Matches(labels, matchers)));
                    continue;
                }

                Assert.True(found.ContainsKey(labels), $"{labels} is missing");
                AssertEqual(labels, expected, found[labels]);
            }

            Assert.All(found.Keys, labels => Assert.True(_applied.Series.ContainsKey(labels)));
        }

        private static void AssertEqual(Labels labels, IReadOnlyDictionary<long, HeldSample> expected, IReadOnlyDictionary<long, HeldSample> found)
        {
            foreach (var (time, sample) in expected.OrderBy(s => s.Key))
            {
                Assert.True(found.TryGetValue(time, out var held) && held == sample, $"{labels} at {time}: expected {sample}, found {held}");
            }

            Assert.Equal(expected.Count, found.Count);
        }

        private void CompareLabels(List<LabelMatcher> matchers)
        {
            var matching = _applied.Series.Where(s => s.Value.Samples.Count > 0 && Matches(s.Key, matchers)).Select(s => s.Key).ToList();
            var series = new List<Labels>();
            _harness.Head.Series(matchers, long.MinValue, long.MaxValue, series);
            Assert.Equal(matching.Order(), series.Order());
            var names = new HashSet<string>();
            _harness.Head.LabelNames(matchers, long.MinValue, long.MaxValue, names);
            Assert.Equal(matching.SelectMany(l => Enumerable.Range(0, l.Count).Select(l.NameAt)).ToHashSet().Order(), names.Order());
            var jobs = new HashSet<string>();
            _harness.Head.LabelValues("job", matchers, long.MinValue, long.MaxValue, jobs);
            Assert.Equal(matching.Select(l => l.Get("job")).Where(j => j.Length > 0).ToHashSet().Order(), jobs.Order());
        }

        private void VerifySealed()
        {
            foreach (var window in _harness.Head.SealedWindows())
            {
                var source = window.Open();
                var found = new Dictionary<Labels, Dictionary<long, HeldSample>>();
                Labels? previous = null;
                while (source.NextSeries())
                {
                    var pairs = source.Labels.ToArray().Select(s => System.Text.Encoding.UTF8.GetString(source.Symbols[(int)s].Span)).ToArray();
                    var labels = Labels.FromSortedPairs(pairs);
                    Assert.True(previous is null || previous < labels);
                    previous = labels;
                    var samples = new Dictionary<long, HeldSample>();
                    var last = long.MinValue;
                    while (source.NextChunk(out var chunk))
                    {
                        var buffer = new SampleBuffer();
                        ChunkDecoder.Decode(chunk.Encoding, chunk.Data, long.MinValue, long.MaxValue, buffer);
                        var histograms = buffer.Histograms.ToArray();
                        long[] times = [.. buffer.Times, .. histograms.Select(h => h.Time)];
                        Assert.InRange(times.Length, 1, 120);
                        Assert.Equal((chunk.MinTime, chunk.MaxTime), (times[0], times[^1]));
                        Assert.True(chunk.MinTime > last);
                        last = chunk.MaxTime;
                        for (var i = 0; i < buffer.Count; i++)
                        {
                            samples.Add(buffer.Times[i], new HeldSample(HeadSample.KeyOf(buffer.Values[i]), buffer.StartTimes.IsEmpty ? 0 : buffer.StartTimes[i]));
                        }

                        foreach (var sample in histograms)
                        {
                            samples.Add(sample.Time, new HeldSample(HeadSample.KeyOf(sample.Histogram), sample.StartTime));
                        }
                    }

                    found.Add(labels, samples);
                }

                var expected = _applied.Series
                    .Select(s => (s.Key, s.Value.Samples.Where(x => x.Value.Generation == window.Generation).ToDictionary(x => x.Key, x => x.Value.Held)))
                    .Where(s => s.Item2.Count > 0).ToDictionary();
                Assert.Equal(expected.Count, found.Count);
                Assert.All(expected, e => AssertEqual(e.Key, e.Value, found[e.Key]));
            }
        }
    }
}
