using System.Buffers;
using System.Runtime.InteropServices;
using Deucalion.Common.Contracts;
using Deucalion.Storage.Head;

namespace Deucalion.Ingester.Partitions;

/// <summary>
/// The log records of one staged request: payloads (tenant prefix first) one after the other in a pooled buffer, kept until they are
/// committed and applied. Used by one actor at a time; reused through <see cref="Start"/>.
/// </summary>
internal sealed class StagedRecords : IRecordSink, IBufferWriter<byte>, IDisposable
{
    private readonly List<StagedRecord> _records = [];
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(16 * 1024);
    private ReadOnlyMemory<byte> _prefix;
    private RecordKind _kind;
    private int _start;
    private int _length;

    /// <summary>The records, in order.</summary>
    public ReadOnlySpan<StagedRecord> Records => CollectionsMarshal.AsSpan(_records);

    /// <summary>Number of records.</summary>
    public int Count => _records.Count;

    /// <summary>Empties the buffer; records begun from now on carry the prefix.</summary>
    public void Start(ReadOnlyMemory<byte> prefix)
    {
        _records.Clear();
        _length = 0;
        _prefix = prefix;
    }

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

    /// <inheritdoc/>
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
        _length = 0;
        _records.Clear();
    }

    private void Reserve(int sizeHint)
    {
        var needed = _length + Math.Max(sizeHint, 1);
        if (needed <= _bytes.Length)
        {
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, _bytes.Length * 2));
        _bytes.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
    }
}

/// <summary>A staged record: its kind and the range of its payload in the buffer.</summary>
internal readonly record struct StagedRecord(RecordKind Kind, int Offset, int Length);
