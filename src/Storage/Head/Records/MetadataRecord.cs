using System.Buffers;

namespace Deucalion.Storage.Head.Records;

/// <summary>Encodes a metadata record (docs/formats/head-records.md). One instance is reused.</summary>
internal sealed class MetadataRecord
{
    /// <summary>Version byte.</summary>
    public const byte Version = 1;

    private readonly RecordBuffer _header = new();
    private readonly RecordBuffer _body = new();

    /// <summary>Entries added.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes of the record, but for a few.</summary>
    public int Length => _body.Length;

    public void Clear()
    {
        Count = 0;
        _body.Clear();
    }

    public void Add(int type, ReadOnlySpan<byte> family, ReadOnlySpan<byte> help, ReadOnlySpan<byte> unit)
    {
        _body.Varint((ulong)type);
        _body.Text(family);
        _body.Text(help);
        _body.Text(unit);
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
