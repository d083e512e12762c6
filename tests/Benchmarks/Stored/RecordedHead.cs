using System.Buffers;
using Deucalion.Common.Contracts;
using Deucalion.Storage.Head;

namespace Deucalion.Benchmarks.Stored;

/// <summary>A head whose records are applied as soon as they are staged, and kept where asked for; counts the CPU time of both halves.</summary>
internal sealed class RecordedHead(HeadResources resources, bool keep) : IRecordSink, IDisposable
{
    private readonly ArrayBufferWriter<byte> _payload = new(1 << 20);
    private readonly WriteBatch _batch = new();
    private readonly StageResult _result = new();
    private RecordKind _kind;

    public TenantHead Head { get; } = new(resources, 0);

    public List<(RecordKind Kind, byte[] Payload)> Records { get; } = [];

    /// <summary>CPU time of staging and applying, filling of the batches aside.</summary>
    public CpuClock Clock { get; } = new();

    public IBufferWriter<byte> Begin(RecordKind kind)
    {
        _kind = kind;
        _payload.ResetWrittenCount();
        return _payload;
    }

    public void End()
    {
        if (keep)
        {
            Records.Add((_kind, _payload.WrittenSpan.ToArray()));
        }

        Head.Apply(_kind, _payload.WrittenSpan);
    }

    public void Write(BatchSeries series, long time, Func<int, double> value)
    {
        series.Fill(_batch, time, value);
        _result.Clear();
        Clock.Start();
        Head.Stage(_batch, series.Indexes, series.Hashes, time, HeadLimits.Default, this, _result);
        Clock.Stop();
        if (_result.Staged != series.Count)
        {
            throw new InvalidOperationException($"{_result.Staged} of {series.Count} samples staged");
        }
    }

    public void Cut()
    {
        foreach (var window in Head.OpenWindows())
        {
            Head.StageCut(window, this);
        }
    }

    public void Dispose()
    {
        Head.Dispose();
        _batch.Dispose();
    }
}
