using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Deucalion.Common.Contracts;
using Deucalion.Common.Contracts.V1;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Protobuf;
using Deucalion.Ingester.Partitions;

namespace Deucalion.Ingester.Remote;

/// <summary>Writes the share of a batch that a partition stores as <c>AppendCall</c>: whole columns at a time. Reused; not thread-safe.</summary>
internal sealed class AppendCallWriter : IDisposable
{
    private const int LabelWidth = 2 * sizeof(int);
    private const int MetadataWidth = 4 * sizeof(int);

    private readonly ProtobufBuffer _call = new();
    private readonly SymbolWriter _symbols = new();
    private AppendPart _part;

    /// <summary>The call that carries a part of a request; valid until the next one is written.</summary>
    public ReadOnlyMemory<byte> Write(PartitionId partition, AppendRequest request, AppendPart part)
    {
        _call.Clear();
        _symbols.Clear();
        _part = part;
        var batch = request.Batch;
        var series = request.Series.Span.Slice(part.First, part.Count);
        _call.Number(AppendCall.PartitionFieldNumber, (ulong)partition.Value);
        _call.Field(AppendCall.TenantFieldNumber, Encoding.UTF8.GetBytes(request.Tenant.Value));
        _call.Number(AppendCall.WithMetadataFieldNumber, part.WithMetadata ? 1UL : 0);
        _call.Field(AppendCall.HashesFieldNumber, MemoryMarshal.AsBytes(request.Hashes.Span.Slice(part.First, part.Count)));
        var labels = Counts(AppendCall.LabelCountsFieldNumber, batch, series, static x => x.LabelCount);
        WriteLabels(batch, series, labels);
        WriteSamples(batch, series);
        WriteHistograms(batch, series);
        WriteExemplars(batch, series);
        if (part.WithMetadata)
        {
            WriteMetadata(batch);
        }

        _call.Field(AppendCall.TextFieldNumber, _symbols.Text);
        _call.Field(AppendCall.SymbolLengthsFieldNumber, _symbols.Lengths);
        return _call.Memory;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _call.Dispose();
        _symbols.Dispose();
    }

    /// <summary>Writes a column of counts, unless all are 0; returns their sum.</summary>
    private int Counts(int field, WriteBatch batch, ReadOnlySpan<int> series, Func<WriteSeries, int> count)
    {
        var sum = 0;
        foreach (var s in series)
        {
            sum += count(SeriesAt(batch, s));
        }

        if (sum > 0)
        {
            var column = _call.Field(field, series.Length * sizeof(int));
            for (var i = 0; i < series.Length; i++)
            {
                BinaryPrimitives.WriteInt32LittleEndian(column[(i * sizeof(int))..], count(SeriesAt(batch, series[i])));
            }
        }

        return sum;
    }

    private void WriteLabels(WriteBatch batch, ReadOnlySpan<int> series, int total)
    {
        if (total == 0)
        {
            return;
        }

        var numbers = _call.Field(AppendCall.LabelsFieldNumber, total * LabelWidth);
        ReadOnlySpan<WriteLabel> before = default;
        ReadOnlySpan<byte> numbersBefore = default;
        foreach (var s in series)
        {
            var entry = SeriesAt(batch, s);
            ReadOnlySpan<WriteLabel> labels = batch.Labels.Slice(entry.FirstLabel, entry.LabelCount);
            _symbols.Write(numbers, labels, numbersBefore, before, batch.Text);
            before = labels;
            numbersBefore = numbers[..(labels.Length * LabelWidth)];
            numbers = numbers[(labels.Length * LabelWidth)..];
        }
    }

    private void WriteSamples(WriteBatch batch, ReadOnlySpan<int> series)
    {
        var total = Counts(AppendCall.SampleCountsFieldNumber, batch, series, static x => x.SampleCount);
        Numbers(AppendCall.TimesFieldNumber, total, batch, series, MemoryMarshal.AsBytes(batch.Times));
        Numbers(AppendCall.ValuesFieldNumber, total, batch, series, MemoryMarshal.AsBytes(batch.Values));
        Numbers(AppendCall.StartTimesFieldNumber, total, batch, series, MemoryMarshal.AsBytes(batch.StartTimes));
    }

    /// <summary>Writes the series' ranges of a column of 64-bit numbers by sample.</summary>
    private void Numbers(int field, int total, WriteBatch batch, ReadOnlySpan<int> series, ReadOnlySpan<byte> numbers)
    {
        if (total == 0 || numbers.IsEmpty)
        {
            return;
        }

        var column = _call.Field(field, total * sizeof(long));
        foreach (var s in series)
        {
            var entry = SeriesAt(batch, s);
            var range = numbers.Slice(entry.FirstSample * sizeof(long), entry.SampleCount * sizeof(long));
            range.CopyTo(column);
            column = column[range.Length..];
        }
    }

    private void WriteHistograms(WriteBatch batch, ReadOnlySpan<int> series)
    {
        var total = Counts(AppendCall.HistogramCountsFieldNumber, batch, series, static x => x.HistogramCount);
        if (total == 0)
        {
            return;
        }

        Each(AppendCall.HistogramTimesFieldNumber, sizeof(long), total, batch, series, HistogramsOf, static (x, to) => BinaryPrimitives.WriteInt64LittleEndian(to, x.Time));
        Each(AppendCall.HistogramStartTimesFieldNumber, sizeof(long), total, batch, series, HistogramsOf, static (x, to) => BinaryPrimitives.WriteInt64LittleEndian(to, x.StartTime));
        Each(AppendCall.HistogramLengthsFieldNumber, sizeof(int), total, batch, series, HistogramsOf, static (x, to) => BinaryPrimitives.WriteInt32LittleEndian(to, x.Length));
        var start = _call.BeginField(AppendCall.HistogramsFieldNumber);
        foreach (var s in series)
        {
            foreach (ref readonly var histogram in HistogramsOf(batch, s))
            {
                var bytes = batch.HistogramBytes(histogram);
                bytes.CopyTo(_call.Append(bytes.Length));
            }
        }

        _call.EndField(start);
    }

    private void WriteExemplars(WriteBatch batch, ReadOnlySpan<int> series)
    {
        var total = Counts(AppendCall.ExemplarCountsFieldNumber, batch, series, static x => x.ExemplarCount);
        if (total == 0)
        {
            return;
        }

        Each(AppendCall.ExemplarTimesFieldNumber, sizeof(long), total, batch, series, ExemplarsOf, static (x, to) => BinaryPrimitives.WriteInt64LittleEndian(to, x.Time));
        Each(AppendCall.ExemplarValuesFieldNumber, sizeof(double), total, batch, series, ExemplarsOf, static (x, to) => BinaryPrimitives.WriteDoubleLittleEndian(to, x.Value));
        Each(AppendCall.ExemplarLabelCountsFieldNumber, sizeof(int), total, batch, series, ExemplarsOf, static (x, to) => BinaryPrimitives.WriteInt32LittleEndian(to, x.LabelCount));
        var start = _call.BeginField(AppendCall.ExemplarLabelsFieldNumber);
        foreach (var s in series)
        {
            foreach (ref readonly var exemplar in ExemplarsOf(batch, s))
            {
                var labels = batch.ExemplarLabels.Slice(exemplar.FirstLabel, exemplar.LabelCount);
                _symbols.Write(_call.Append(labels.Length * LabelWidth), labels, default, default, batch.Text);
            }
        }

        _call.EndField(start);
    }

    /// <summary>Writes a column with a number for each entry of the series.</summary>
    private void Each<T>(int field, int width, int total, WriteBatch batch, ReadOnlySpan<int> series, EntriesOf<T> entries, WriteNumber<T> write)
    {
        var column = _call.Field(field, total * width);
        foreach (var s in series)
        {
            foreach (var entry in entries(batch, s))
            {
                write(entry, column);
                column = column[width..];
            }
        }
    }

    private void WriteMetadata(WriteBatch batch)
    {
        var (first, count) = _part.Families ?? (0, batch.Metadata.Length);
        var column = _call.Field(AppendCall.MetadataFieldNumber, count * MetadataWidth);
        foreach (ref readonly var entry in batch.Metadata.Slice(first, count))
        {
            BinaryPrimitives.WriteInt32LittleEndian(column, entry.Type);
            BinaryPrimitives.WriteInt32LittleEndian(column[4..], _symbols.Add(batch.Text.Slice(entry.FamilyOffset, entry.FamilyLength)));
            BinaryPrimitives.WriteInt32LittleEndian(column[8..], _symbols.Add(batch.Text.Slice(entry.HelpOffset, entry.HelpLength)));
            BinaryPrimitives.WriteInt32LittleEndian(column[12..], _symbols.Add(batch.Text.Slice(entry.UnitOffset, entry.UnitLength)));
            column = column[MetadataWidth..];
        }
    }

    private WriteSeries SeriesAt(WriteBatch batch, int series) => _part.Cut(batch.Series[series]);

    private ReadOnlySpan<WriteHistogram> HistogramsOf(WriteBatch batch, int series)
    {
        var entry = SeriesAt(batch, series);
        return batch.Histograms.Slice(entry.FirstHistogram, entry.HistogramCount);
    }

    private ReadOnlySpan<WriteExemplar> ExemplarsOf(WriteBatch batch, int series)
    {
        var entry = SeriesAt(batch, series);
        return batch.Exemplars.Slice(entry.FirstExemplar, entry.ExemplarCount);
    }

    private delegate ReadOnlySpan<T> EntriesOf<T>(WriteBatch batch, int series);

    private delegate void WriteNumber<T>(T entry, Span<byte> to);
}
