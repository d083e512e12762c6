using System.Runtime.InteropServices;
using System.Text;
using Deucalion.Common.Contracts;
using Deucalion.Common.Contracts.V1;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Protobuf;
using Deucalion.Common.Samples;
using Deucalion.Common.Tenants;

namespace Deucalion.Ingester.Remote;

/// <summary>
/// An <c>AppendCall</c> as it was received: its share of a batch as a batch of its own, whose text is that of the call. Reused from one call to the
/// next; not thread-safe.
/// </summary>
internal sealed class DecodedAppend : IDisposable
{
    private const int Columns = AppendCall.MetadataFieldNumber + 1;
    private const int LabelWidth = 2 * sizeof(int);
    private const int MetadataWidth = 4 * sizeof(int);

    // Start times further away could not be stored.
    private const long TimeLimit = 1L << 53;

    private readonly FloatHistogram _histogram = new();
    private int[] _series = [];
    private ulong[] _hashes = [];
    private int[] _symbolOffsets = [];
    private int _seriesCount;
    private int _symbolCount;

    /// <summary>The partition that the call is for.</summary>
    public PartitionId Partition { get; private set; }

    /// <summary>Whose samples.</summary>
    public TenantId Tenant { get; private set; }

    /// <summary>Whether the batch's metadata is stored too.</summary>
    public bool WithMetadata { get; private set; }

    /// <summary>The samples.</summary>
    public WriteBatch Batch { get; } = new();

    /// <summary>Indexes of the batch's series: all of them.</summary>
    public ReadOnlyMemory<int> Series => _series.AsMemory(0, _seriesCount);

    /// <summary>Their routing hashes.</summary>
    public ReadOnlyMemory<ulong> Hashes => _hashes.AsMemory(0, _seriesCount);

    /// <summary>Reads a call, whose bytes must stay unchanged while the batch is in use.</summary>
    /// <exception cref="RemoteFormatException">The bytes are none; the contents are undefined.</exception>
    public void Read(ReadOnlyMemory<byte> call)
    {
        Span<(int Offset, int Length)> ranges = stackalloc (int, int)[Columns];
        ranges.Clear();
        ReadFields(call.Span, ranges);
        var bytes = call.Span;
        if (!TenantId.TryParse(Encoding.UTF8.GetString(Slice(bytes, ranges[AppendCall.TenantFieldNumber])), out var tenant, out var error))
        {
            throw new RemoteFormatException($"an append for no tenant: {error}");
        }

        Tenant = tenant;
        var textStart = Attach(call, ranges[AppendCall.TextFieldNumber]);
        ReadSymbols(new Column(Slice(bytes, ranges[AppendCall.SymbolLengthsFieldNumber])), textStart, ranges[AppendCall.TextFieldNumber].Length);
        ReadSeries(new AppendColumns(bytes, ranges));
        ReadMetadata(new Column(Slice(bytes, ranges[AppendCall.MetadataFieldNumber])));
    }

    /// <summary>Lets go of the call's bytes.</summary>
    public void Clear() => Batch.Reset([], 0);

    /// <inheritdoc/>
    public void Dispose() => Batch.Dispose();

    private static ReadOnlySpan<byte> Slice(ReadOnlySpan<byte> bytes, (int Offset, int Length) range) => bytes.Slice(range.Offset, range.Length);

    private void ReadFields(ReadOnlySpan<byte> call, Span<(int, int)> ranges)
    {
        var reader = new ProtobufReader(call);
        ulong partition = 0, withMetadata = 0;
        while (reader.Position < call.Length && reader.TryReadTag(call.Length, out var field, out var wireType))
        {
            var read = field switch
            {
                AppendCall.PartitionFieldNumber => reader.Expect(wireType, ProtobufReader.Varint) && reader.TryReadVarint(call.Length, out partition),
                AppendCall.WithMetadataFieldNumber => reader.Expect(wireType, ProtobufReader.Varint) && reader.TryReadVarint(call.Length, out withMetadata),
                < Columns => reader.Expect(wireType, ProtobufReader.Bytes) && reader.TryReadRange(call.Length, out ranges[field].Item1, out ranges[field].Item2),
                _ => reader.TrySkip(call.Length, wireType),
            };
            if (!read)
            {
                break;
            }
        }

        if (reader.Error is { } error || partition > int.MaxValue)
        {
            throw new RemoteFormatException(reader.Error is null ? $"an append to partition {partition}" : $"an append is malformed at byte {reader.ErrorOffset}: {reader.Error}");
        }

        Partition = new PartitionId((int)partition);
        WithMetadata = withMetadata != 0;
    }

    /// <summary>Empties the batch and lets it refer to the call's text; returns where that begins for the batch.</summary>
    private int Attach(ReadOnlyMemory<byte> call, (int Offset, int Length) text)
    {
        if (MemoryMarshal.TryGetArray(call, out var array))
        {
            var start = array.Offset + text.Offset;
            Batch.Reset(array.Array!, start + text.Length);
            return start;
        }

        Batch.Reset();
        return Batch.AddText(call.Span.Slice(text.Offset, text.Length));
    }

    private void ReadSymbols(Column lengths, int textStart, int textLength)
    {
        _symbolCount = lengths.Count(sizeof(int), "symbol_lengths");
        if (lengths.Sum("symbol_lengths") != textLength)
        {
            throw new RemoteFormatException($"symbols of another length than the text's {textLength} bytes");
        }

        Grow(ref _symbolOffsets, _symbolCount + 1);
        _symbolOffsets[0] = textStart;
        for (var i = 0; i < _symbolCount; i++)
        {
            _symbolOffsets[i + 1] = _symbolOffsets[i] + lengths.Int32(i);
        }
    }

    private void ReadSeries(in AppendColumns columns)
    {
        _seriesCount = columns.Check();
        Grow(ref _series, _seriesCount);
        Grow(ref _hashes, _seriesCount);
        int label = 0, sample = 0, histogram = 0, histogramStart = 0, exemplar = 0, exemplarLabel = 0;
        for (var i = 0; i < _seriesCount; i++)
        {
            _series[i] = i;
            _hashes[i] = (ulong)columns.Hashes.Int64(i);
            Batch.BeginSeries();
            for (var end = label + CountOf(columns.LabelCounts, i); label < end; label++)
            {
                Batch.AddLabel(LabelAt(columns.Labels, label));
            }

            for (var end = sample + CountOf(columns.SampleCounts, i); sample < end; sample++)
            {
                Batch.AddSample(columns.Times.Int64(sample), columns.Values.Double(sample), StartOf(columns.StartTimes, sample));
            }

            for (var end = histogram + CountOf(columns.HistogramCounts, i); histogram < end; histogram++)
            {
                var bytes = columns.Histograms.Slice(histogramStart, columns.HistogramLengths.Int32(histogram));
                AddHistogram(columns.HistogramTimes.Int64(histogram), StartOf(columns.HistogramStartTimes, histogram), bytes);
                histogramStart += bytes.Length;
            }

            for (var end = exemplar + CountOf(columns.ExemplarCounts, i); exemplar < end; exemplar++)
            {
                Batch.AddExemplar(columns.ExemplarTimes.Int64(exemplar), columns.ExemplarValues.Double(exemplar));
                for (var labelsEnd = exemplarLabel + CountOf(columns.ExemplarLabelCounts, exemplar); exemplarLabel < labelsEnd; exemplarLabel++)
                {
                    Batch.AddExemplarLabel(LabelAt(columns.ExemplarLabels, exemplarLabel));
                }
            }
        }
    }

    private void AddHistogram(long time, long start, ReadOnlySpan<byte> bytes)
    {
        // What is not one would be found out by the partition's actor, which would stop.
        if (!HistogramBytes.TryRead(bytes, _histogram))
        {
            throw new RemoteFormatException("a histogram is malformed");
        }

        Batch.AddHistogram(time, start, bytes);
    }

    private void ReadMetadata(Column metadata)
    {
        var count = metadata.Count(MetadataWidth, "metadata");
        for (var i = 0; i < count; i++)
        {
            var (family, familyLength) = SymbolAt(metadata.Int32((4 * i) + 1));
            var (help, helpLength) = SymbolAt(metadata.Int32((4 * i) + 2));
            var (unit, unitLength) = SymbolAt(metadata.Int32((4 * i) + 3));
            Batch.AddMetadata(new WriteMetadata(metadata.Int32(4 * i), family, familyLength, help, helpLength, unit, unitLength));
        }
    }

    private WriteLabel LabelAt(Column labels, int index)
    {
        var (name, nameLength) = SymbolAt(labels.Int32(2 * index));
        var (value, valueLength) = SymbolAt(labels.Int32((2 * index) + 1));
        return new WriteLabel(name, nameLength, value, valueLength);
    }

    private (int Offset, int Length) SymbolAt(int number) => (uint)number < (uint)_symbolCount
        ? (_symbolOffsets[number], _symbolOffsets[number + 1] - _symbolOffsets[number])
        : throw new RemoteFormatException($"symbol {number} of {_symbolCount}");

    private static int CountOf(Column counts, int index) => counts.IsEmpty ? 0 : counts.Int32(index);

    private static long StartOf(Column starts, int index)
    {
        var start = starts.IsEmpty ? 0 : starts.Int64(index);
        return start is >= -TimeLimit and <= TimeLimit ? start : throw new RemoteFormatException($"start time {start}");
    }

    private static void Grow<T>(ref T[] array, int length)
    {
        if (array.Length < length)
        {
            array = new T[Math.Max(length, 2 * array.Length)];
        }
    }
}
