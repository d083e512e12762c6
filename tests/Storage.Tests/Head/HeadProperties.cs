using Deucalion.Common.Labels;
using Deucalion.Common.Samples;
using Deucalion.Storage.Chunks;
using Deucalion.Storage.Head;
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
            var samples = new List<(Labels Labels, long Time, double Value)>();
            var expected = new Dictionary<SampleRejection, int>();
            var events = new List<Action<HeadModel>>();
            int known = 0, accepted = 0;

            // While a truncation is staged the head still knows the samples that will go; the model does not.
            var newest = _applied.Series.Values.Select(s => s.Newest).Append(_now).Max();
            for (var n = _random.Next(1, 60); n > 0; n--)
            {
                var labels = _labels[_random.Next(_labels.Count)];
                for (var count = _random.Next(4) == 0 ? _random.Next(1, 150) : 1; count > 0; count--)
                {
                    var time = onlyNew ? newest + 1 + samples.Count : RandomTime(labels);
                    var value = RandomValue(labels);
                    samples.Add((labels, time, value));
                    var bits = BitConverter.DoubleToUInt64Bits(value);
                    var (isKnown, reason) = _staged.Judge(labels, time, bits, _now);
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
                        accepted++;
                        _staged.Add(labels, time, bits);
                        events.Add(model => model.Add(labels, time, bits));
                    }
                }
            }

            var before = _harness.Pending.Count;
            var result = _harness.Stage(_now, samples.ToArray());
            Assert.Equal(accepted, result.Staged);
            Assert.Equal(known, result.Duplicates);
            Assert.Equal(expected.Values.Sum(), result.Rejected);
            foreach (var (reason, count) in expected)
            {
                Assert.Equal(count, result.RejectedFor(reason));
            }

            // The series record, where there is one, changes nothing that the model sees.
            for (var i = before + 1; i < _harness.Pending.Count; i++)
            {
                _events.Enqueue([]);
            }

            if (_harness.Pending.Count > before)
            {
                _events.Enqueue(events);
            }
        }

        private long RandomTime(Labels labels)
        {
            var newest = _staged.Series.TryGetValue(labels, out var series) ? series.Newest : _now - _random.Next(100_000);
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
            _ when _staged.Series.TryGetValue(labels, out var s) => BitConverter.UInt64BitsToDouble(s.NewestBits),
            _ => 0,
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
                var expected = series.Samples.Where(s => s.Key >= minTime && s.Key <= maxTime).ToDictionary(s => s.Key, s => s.Value.Bits);
                if (!Matches(labels, matchers) || expected.Count == 0)
                {
                    // Chunks that touch the range may hold no sample in it.
                    Assert.True(!found.TryGetValue(labels, out var none) || (none.Count == 0 && Matches(labels, matchers)));
                    continue;
                }

                Assert.True(found.ContainsKey(labels), $"{labels} is missing");
                Assert.Equal(expected.OrderBy(s => s.Key), found[labels]);
            }

            Assert.All(found.Keys, labels => Assert.True(_applied.Series.ContainsKey(labels)));
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
                var found = new Dictionary<Labels, Dictionary<long, ulong>>();
                Labels? previous = null;
                while (source.NextSeries())
                {
                    var pairs = source.Labels.ToArray().Select(s => System.Text.Encoding.UTF8.GetString(source.Symbols[(int)s].Span)).ToArray();
                    var labels = Labels.FromSortedPairs(pairs);
                    Assert.True(previous is null || previous < labels);
                    previous = labels;
                    var samples = new Dictionary<long, ulong>();
                    var last = long.MinValue;
                    while (source.NextChunk(out var chunk))
                    {
                        var buffer = new SampleBuffer();
                        ChunkDecoder.Decode(chunk.Encoding, chunk.Data, long.MinValue, long.MaxValue, buffer);
                        Assert.InRange(buffer.Count, 1, 120);
                        Assert.Equal(chunk.MinTime, buffer.Times[0]);
                        Assert.Equal(chunk.MaxTime, buffer.Times[^1]);
                        Assert.True(chunk.MinTime > last);
                        last = chunk.MaxTime;
                        for (var i = 0; i < buffer.Count; i++)
                        {
                            samples.Add(buffer.Times[i], BitConverter.DoubleToUInt64Bits(buffer.Values[i]));
                        }
                    }

                    found.Add(labels, samples);
                }

                var expected = _applied.Series
                    .Select(s => (s.Key, s.Value.Samples.Where(x => x.Value.Generation == window.Generation).ToDictionary(x => x.Key, x => x.Value.Bits)))
                    .Where(s => s.Item2.Count > 0).ToDictionary();
                Assert.Equal(expected.Count, found.Count);
                Assert.All(expected, e => Assert.Equal(e.Value.OrderBy(s => s.Key), found[e.Key].OrderBy(s => s.Key)));
            }
        }
    }
}
