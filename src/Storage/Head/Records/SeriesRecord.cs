using System.Buffers;
using Deucalion.Common.Contracts;

namespace Deucalion.Storage.Head.Records;

/// <summary>
/// Encodes a series record: refs with routing hash and labels, each label against the label in the same place of the series before
/// (docs/formats/head-records.md). One instance is reused.
/// </summary>
internal sealed class SeriesRecord
{
    /// <summary>Version byte.</summary>
    public const byte Version = 1;

    /// <summary>The label is that of the series before.</summary>
    public const byte SameLabel = 0;

    /// <summary>The name is that of the series before, the value follows.</summary>
    public const byte SameName = 1;

    /// <summary>Name and value follow.</summary>
    public const byte NewLabel = 2;

    private readonly RecordBuffer _header = new();
    private readonly RecordBuffer _body = new();
    private int _previousRef;
    private int _previousFirst;
    private int _previousCount;

    /// <summary>Series added.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes of the record, but for a few.</summary>
    public int Length => _body.Length;

    public void Clear()
    {
        Count = 0;
        _body.Clear();
        _previousRef = -1;
        _previousCount = 0;
    }

    public void Add(int seriesRef, ulong hash, WriteBatch batch, in WriteSeries series)
    {
        _body.Signed(seriesRef - (long)_previousRef - 1);
        _body.Fixed64(hash);
        _body.Varint((ulong)series.LabelCount);
        var text = batch.Text;
        var labels = batch.Labels;
        for (var i = 0; i < series.LabelCount; i++)
        {
            var label = labels[series.FirstLabel + i];
            var name = text.Slice(label.NameOffset, label.NameLength);
            var value = text.Slice(label.ValueOffset, label.ValueLength);
            var token = NewLabel;
            if (i < _previousCount)
            {
                var before = labels[_previousFirst + i];
                if (text.Slice(before.NameOffset, before.NameLength).SequenceEqual(name))
                {
                    token = text.Slice(before.ValueOffset, before.ValueLength).SequenceEqual(value) ? SameLabel : SameName;
                }
            }

            _body.Byte(token);
            if (token == NewLabel)
            {
                _body.Text(name);
            }

            if (token != SameLabel)
            {
                _body.Text(value);
            }
        }

        _previousRef = seriesRef;
        _previousFirst = series.FirstLabel;
        _previousCount = series.LabelCount;
        Count++;
    }

    public void WriteTo(IBufferWriter<byte> writer)
    {
        _header.Clear();
        _header.Byte(Version);
        _header.Varint((ulong)Count);
        _header.CopyTo(writer);
        _body.CopyTo(writer);
    }
}
