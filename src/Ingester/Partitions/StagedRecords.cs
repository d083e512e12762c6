using System.Buffers;
using System.Runtime.InteropServices;
using Deucalion.Common.Contracts;
using Deucalion.Storage.Head;

namespace Deucalion.Ingester.Partitions;

/// <summary>
/// The log records of one staged request: payloads (tenant prefix first) one after the other in a buffer, from which the log copies them.
/// For one actor; reused through <see cref="Start"/>.
/// </summary>
internal sealed class StagedRecords : IRecordSink, IBufferWriter<byte>
{
    private readonly List<StagedRecord> _records = [];
    private byte[] _bytes = new byte[4 * 1024];
    private ReadOnlyMemory<byte> _prefix;
    private RecordKind _kind;
    private int _start;
    private int _length;

    /// <summary>The records, in order.</summary>
    public ReadOnlySpan<StagedRecord> Records => CollectionsMarshal.AsSpan(_records);

    /// <summary>Number of records.</summary>
    public int Count => _records.Count;

    /// <summary>Empties the buffer.</summary>
    public void Clear()
    {
        _records.Clear();
        _length = 0;
    }

    /// <summary>Empties the buffer; records begun from now on carry the prefix.</summary>
    public void Start(ReadOnlyMemory<byte> prefix)
    {
        Clear();
        Continue(prefix);
    }

    /// <summary>Records begun from now on carry the prefix; those before stay.</summary>
    public void Continue(ReadOnlyMemory<byte> prefix) => _prefix = prefix;

    /// <summary>The whole payload as the log takes it.</summary>
    public ReadOnlySpan<byte> Payload(in StagedRecord record) => _bytes.AsSpan(record.Offset, record.Length);

    /// <inheritdoc/>
    public IBufferWriter<byte> Begin(RecordKind kind)
    {
        _kind = kind;
        _start = _length;
        var prefix = _prefix.Span;
        prefix.CopyTo(GetSpan(prefix.Length));
        _length += prefix.Length;
        return this;
    }

    /// <inheritdoc/>
    public void End() => _records.Add(new StagedRecord(_kind, _start, _length - _start));

    /// <inheritdoc/>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(_bytes.Length - _length));
        _length += count;
    }

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsMemory(_length);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsSpan(_length);
    }

    private void Reserve(int sizeHint)
    {
        var needed = _length + Math.Max(sizeHint, 1);
        if (needed <= _bytes.Length)
        {
            return;
        }

        Array.Resize(ref _bytes, Math.Max(needed, _bytes.Length * 2));
    }
}

/// <summary>A staged record: its kind and the range of its payload in the buffer.</summary>
internal readonly record struct StagedRecord(RecordKind Kind, int Offset, int Length);
