using System.Buffers;
using System.Text;
using Deucalion.Common.Contracts;
using Deucalion.Common.Hashing;
using Deucalion.Common.Labels;
using Deucalion.Common.Samples;
using Deucalion.Storage.Chunks;
using Deucalion.Storage.Head;
using Xunit;

namespace Deucalion.Storage.Tests.Head;

/// <summary>A head with the log in front of it: staged records wait in a queue until they are committed.</summary>
internal sealed class HeadHarness : IRecordSink, IDisposable
{
    private readonly WriteBatch _batch = new();
    private readonly ArrayBufferWriter<byte> _payload = new();
    private readonly List<int> _series = [];
    private readonly List<ulong> _hashes = [];
    private RecordKind _kind;

    public HeadHarness()
    {
        Head = new TenantHead(Resources, 3);
    }

    public HeadResources Resources { get; } = new(long.MaxValue, poison: true);

    public TenantHead Head { get; private set; }

    public Queue<(RecordKind Kind, byte[] Payload)> Pending { get; } = new();

    public List<(RecordKind Kind, byte[] Payload)> Committed { get; } = [];

    public HeadLimits Limits { get; set; } = HeadLimits.Default;

    public static readonly LabelMatcher[] All = [];

    public IBufferWriter<byte> Begin(RecordKind kind)
    {
        _kind = kind;
        _payload.Clear();
        return _payload;
    }

    public void End() => Pending.Enqueue((_kind, _payload.WrittenSpan.ToArray()));

    public StageResult Stage(long now, params ReadOnlySpan<(Labels Labels, long Time, double Value)> samples)
    {
        var all = new HeadSample[samples.Length];
        for (var i = 0; i < samples.Length; i++)
        {
            all[i] = new HeadSample(samples[i].Labels, samples[i].Time, samples[i].Value);
        }

        return Stage(now, all);
    }

    public StageResult Stage(long now, IEnumerable<HeadSample> samples)
    {
        _batch.Reset();
        _series.Clear();
        _hashes.Clear();
        Labels? previous = null;
        foreach (var (labels, time, value, histogram, start) in samples)
        {
            if (!ReferenceEquals(previous, labels))
            {
                previous = labels;
                Begin(labels);
            }

            if (histogram is not null)
            {
                _batch.AddHistogram(time, start, histogram);
            }
            else
            {
                _batch.AddSample(time, value, start);
            }
        }

        return StageBatch(now);
    }

    public StageResult StageExemplars(long now, params (Labels Series, long Time, double Value, string Trace)[] exemplars)
    {
        _batch.Reset();
        _series.Clear();
        _hashes.Clear();
        foreach (var (labels, time, value, trace) in exemplars)
        {
            Begin(labels);
            _batch.AddExemplar(time, value);
            var text = Encoding.UTF8.GetBytes(trace);
            _batch.AddExemplarLabel(new WriteLabel(_batch.AddText("trace_id"u8), 8, _batch.AddText(text), text.Length));
        }

        return StageBatch(now);
    }

    private StageResult StageBatch(long now)
    {

        var result = new StageResult();
        Head.Stage(_batch, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_series),
            System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_hashes), now, Limits, this, result);
        return result;
    }

    public void StageMetadata(string family, int type, string help, string unit)
    {
        _batch.Reset();
        var f = Encoding.UTF8.GetBytes(family);
        var h = Encoding.UTF8.GetBytes(help);
        var u = Encoding.UTF8.GetBytes(unit);
        _batch.AddMetadata(new WriteMetadata(type, _batch.AddText(f), f.Length, _batch.AddText(h), h.Length, _batch.AddText(u), u.Length));
        Head.StageMetadata(_batch, [0], this);
    }

    public StageResult Write(params ReadOnlySpan<(Labels Labels, long Time, double Value)> samples)
    {
        var newest = long.MinValue;
        foreach (var (_, time, _) in samples)
        {
            newest = Math.Max(newest, time);
        }

        var result = Stage(newest, samples);
        CommitAll();
        return result;
    }

    public void Commit()
    {
        var (kind, payload) = Pending.Dequeue();
        Committed.Add((kind, payload));
        Head.Apply(kind, payload);
    }

    public void CommitAll()
    {
        while (Pending.Count > 0)
        {
            Commit();
        }
    }

    public void DropStaged()
    {
        Pending.Clear();
        Head.DropStaged();
    }

    public void CutAll()
    {
        foreach (var window in OpenWindows())
        {
            Head.StageCut(window, this);
        }

        CommitAll();
    }

    public IReadOnlyList<DueWindow> OpenWindows() => Head.OpenWindows();

    public byte[] Checkpoint() => Checkpoint(Head);

    public static byte[] Checkpoint(TenantHead head)
    {
        var writer = new ArrayBufferWriter<byte>();
        head.WriteCheckpoint(writer);
        return writer.WrittenSpan.ToArray();
    }

    public TenantHead Restore(byte[] checkpoint)
    {
        var at = 0;
        return TenantHead.ReadCheckpoint(Resources, 3, destination =>
        {
            var count = Math.Min(destination.Length, checkpoint.Length - at);
            checkpoint.AsSpan(at, count).CopyTo(destination);
            at += count;
            return count;
        });
    }

    public void Replace(TenantHead head)
    {
        Head.Dispose();
        Head = head;
    }

    public SortedDictionary<Labels, SortedDictionary<long, HeldSample>> Read(IReadOnlyList<LabelMatcher> matchers, long minTime, long maxTime) =>
        Read(Head, matchers, minTime, maxTime);

    public static SortedDictionary<Labels, SortedDictionary<long, HeldSample>> Read(
        TenantHead head, IReadOnlyList<LabelMatcher> matchers, long minTime, long maxTime)
    {
        using var batch = new ChunkSeriesBatch();
        head.Select(matchers, minTime, maxTime, batch);
        var result = new SortedDictionary<Labels, SortedDictionary<long, HeldSample>>();
        for (var i = 0; i < batch.Count; i++)
        {
            var samples = new SortedDictionary<long, HeldSample>();
            var previous = long.MinValue;
            foreach (ref readonly var chunk in batch.ChunksAt(i))
            {
                Assert.True(chunk.MinTime >= previous, "chunks are in order of time");
                previous = chunk.MinTime;
                var buffer = new SampleBuffer();
                ChunkDecoder.Decode(chunk.Encoding, batch.Bytes(chunk), long.MinValue, long.MaxValue, buffer);
                for (var s = 0; s < buffer.Count; s++)
                {
                    if (buffer.Times[s] >= minTime && buffer.Times[s] <= maxTime)
                    {
                        samples.Add(buffer.Times[s], new HeldSample(HeadSample.KeyOf(buffer.Values[s]), buffer.StartTimes.IsEmpty ? 0 : buffer.StartTimes[s]));
                    }
                }

                foreach (ref readonly var sample in buffer.Histograms)
                {
                    if (sample.Time >= minTime && sample.Time <= maxTime)
                    {
                        samples.Add(sample.Time, new HeldSample(HeadSample.KeyOf(sample.Histogram), sample.StartTime));
                    }
                }
            }

            result.Add(batch.LabelsAt(i), samples);
        }

        return result;
    }

    public void Dispose()
    {
        Head.Dispose();
        _batch.Dispose();
        Resources.Dispose();
    }

    private void Begin(Labels labels)
    {
        _series.Add(_batch.Series.Length);
        _hashes.Add(RoutingHash.Of(labels));
        _batch.BeginSeries();
        for (var i = 0; i < labels.Count; i++)
        {
            var name = Encoding.UTF8.GetBytes(labels.NameAt(i));
            var value = Encoding.UTF8.GetBytes(labels.ValueAt(i));
            _batch.AddLabel(new WriteLabel(_batch.AddText(name), name.Length, _batch.AddText(value), value.Length));
        }
    }
}
