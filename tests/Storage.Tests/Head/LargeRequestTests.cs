using System.Buffers;
using System.Text;
using Deucalion.Common.Contracts;
using Deucalion.Common.Log;
using Deucalion.Storage.Head;
using Xunit;

namespace Deucalion.Storage.Tests.Head;

/// <summary>Requests that say much in few bytes, by repeating texts or by small samples: their records stay within what a log takes.</summary>
public sealed class LargeRequestTests : IRecordSink, IDisposable
{
    private const long Now = 1_700_006_400_000;

    private readonly HeadResources _resources = new(long.MaxValue, poison: false);
    private readonly WriteBatch _batch = new();
    private readonly ArrayBufferWriter<byte> _payload = new();
    private readonly StageResult _result = new();
    private readonly TenantHead _head;
    private readonly List<(RecordKind Kind, byte[] Payload)> _records = [];
    private RecordKind _kind;

    public LargeRequestTests()
    {
        _head = new TenantHead(_resources, 3);
        _batch.Reset();
    }

    IBufferWriter<byte> IRecordSink.Begin(RecordKind kind)
    {
        _kind = kind;
        _payload.ResetWrittenCount();
        return _payload;
    }

    void IRecordSink.End()
    {
        Assert.InRange(_payload.WrittenCount, 1, Journal.MaxPayload - 1024);
        _records.Add((_kind, _payload.WrittenSpan.ToArray()));
    }

    public void Dispose()
    {
        _head.Dispose();
        _batch.Dispose();
        _resources.Dispose();
    }

    [Fact]
    public void EndsRecordsOfSeries_BeforeTheyAreTooLarge()
    {
        // What validation allows: 256 labels of 16 KiB each. Neighbours share none, so that each is written whole.
        const int Series = 20;
        var text = _batch.AddText(Enumerable.Repeat((byte)'v', 16 * 1024).ToArray());
        for (var series = 0; series < Series; series++)
        {
            _batch.BeginSeries();
            for (var label = 0; label < 256; label++)
            {
                var name = Encoding.UTF8.GetBytes($"l{label:d3}");
                _batch.AddLabel(new WriteLabel(_batch.AddText(name), name.Length, text, (16 * 1024) - series));
            }

            _batch.AddSample(Now, series);
        }

        Stage(Series);
        Assert.Equal((Series, 0), (_result.Staged, _head.PendingSamples));
        Assert.True(_records.Where(static record => record.Kind == RecordKind.Series).Sum(static record => (long)record.Payload.Length) > Journal.MaxPayload, "all of it is no more than a record takes");
        Assert.Equal(Series, _head.SeriesCount);
    }

    [Fact]
    public void EndsRecordsOfSamples_BeforeTheyAreTooLarge()
    {
        const int Samples = 2_500_000;
        var name = _batch.AddText("__name__"u8);
        _batch.BeginSeries();
        _batch.AddLabel(new WriteLabel(name, 8, name, 8));
        var random = new Random(1);
        for (var i = 0; i < Samples; i++)
        {
            _batch.AddSample(Now - Samples + i, random.NextDouble(), Now - random.Next());
        }

        Stage(1);
        Assert.Equal((Samples, 0), (_result.Staged, _head.PendingSamples));
        Assert.Equal([RecordKind.Series, RecordKind.Samples, RecordKind.Samples, RecordKind.Samples], _records.Select(static record => record.Kind));
    }

    [Fact]
    public void EndsRecordsOfMetadata_BeforeTheyAreTooLarge_AndLeavesOutWhatNobodyWrites()
    {
        const int Families = 80;
        const int Longest = 1 << 20;
        var help = _batch.AddText(Enumerable.Repeat((byte)'h', Longest + 1).ToArray());
        for (var i = 0; i <= Families; i++)
        {
            var family = Encoding.UTF8.GetBytes($"family_{i}");
            _batch.AddMetadata(new WriteMetadata(1, _batch.AddText(family), family.Length, help, i < Families ? Longest : Longest + 1, help, 0));
        }

        _head.StageMetadata(_batch, Enumerable.Range(0, Families + 1).ToArray(), this);
        Apply();
        Assert.Equal(Families, _head.Metadata().Count);
        Assert.InRange(_records.Count, 2, 10);
    }

    private void Stage(int series)
    {
        _head.Stage(_batch, Enumerable.Range(0, series).ToArray(), Enumerable.Range(0, series).Select(static i => (ulong)i).ToArray(), Now, HeadLimits.Default, this, _result);
        Apply();
    }

    private void Apply()
    {
        foreach (var (kind, payload) in _records)
        {
            _head.Apply(kind, payload);
        }
    }
}
