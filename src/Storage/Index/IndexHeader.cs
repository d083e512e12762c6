using System.Buffers;
using System.Buffers.Binary;
using Deucalion.Common.Hashing;
using Deucalion.Common.IO;
using Deucalion.Storage.Blocks;

namespace Deucalion.Storage.Index;

/// <summary>
/// The index header of Thanos and Mimir: what opening an index needs (symbols, table of postings offsets, table of contents), copied into a
/// small local file, so that the index itself can stay in a bucket.
/// </summary>
public static class IndexHeader
{
    /// <summary>Name of the file beside a block's local files.</summary>
    public const string FileName = "index-header";

    internal const uint Magic = 0xBAAAD792;
    internal const byte Version = 1;
    internal const int PrefixSize = 14;
    internal const int TocSize = 20;

    private const int CopySize = 1 << 20;

    /// <summary>Writes the header of an index; the file is complete and durable, or not there. Damage is <see cref="CorruptBlockException"/>.</summary>
    public static async ValueTask WriteAsync(IByteSource index, IDisk disk, string path, CancellationToken cancellationToken)
    {
        var toc = await ReadTocAsync(index, cancellationToken);
        byte version;
        using (var start = await ByteWindow.FetchAsync(index, 0, IndexFormat.HeaderSize, cancellationToken))
        {
            if (BinaryPrimitives.ReadUInt32BigEndian(start.Span) != IndexFormat.Magic)
            {
                throw new CorruptBlockException("index: the file does not begin as an index");
            }

            version = start.Span[4];
        }

        var temporary = path + AtomicFile.TemporarySuffix;
        disk.Delete(temporary);
        using (var file = new DiskWriter(disk.Create(temporary)))
        {
            file.Write(Prefix(version, toc));
            await CopyAsync(index, toc.Symbols, toc.Series, file, cancellationToken);
            var postings = file.Position;
            await CopyAsync(index, toc.PostingsTable, index.Length, file, cancellationToken);
            file.Write(Toc(PrefixSize, postings));
            file.Complete();
        }

        disk.Rename(temporary, path);
        disk.SyncDirectory(Path.GetDirectoryName(path)!);
    }

    private static async ValueTask<IndexToc> ReadTocAsync(IByteSource index, CancellationToken cancellationToken)
    {
        if (index.Length < IndexFormat.HeaderSize + IndexFormat.TocSize)
        {
            throw new CorruptBlockException("index: the file is too short");
        }

        using var tail = await ByteWindow.FetchAsync(index, index.Length - IndexFormat.TocSize, IndexFormat.TocSize, cancellationToken);
        var toc = IndexToc.Parse(tail.Span, index.Length);
        return toc.Symbols >= IndexFormat.HeaderSize && toc.Series > toc.Symbols && toc.PostingsTable >= toc.Series
            ? toc
            : throw new CorruptBlockException("index: its sections are not in order");
    }

    private static byte[] Prefix(byte version, in IndexToc toc)
    {
        var bytes = new byte[PrefixSize];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, Magic);
        bytes[4] = Version;
        bytes[5] = version;
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(6), toc.PostingsTable);
        return bytes;
    }

    private static byte[] Toc(long symbols, long postings)
    {
        var bytes = new byte[TocSize];
        BinaryPrimitives.WriteInt64BigEndian(bytes, symbols);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(8), postings);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(16), Crc32C.Compute(bytes.AsSpan(0, 16)));
        return bytes;
    }

    private static async ValueTask CopyAsync(IByteSource index, long start, long end, DiskWriter file, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(CopySize);
        for (var at = start; at < end;)
        {
            var part = buffer.AsMemory(0, (int)Math.Min(buffer.Length, end - at));
            await index.ReadAsync(at, part, cancellationToken);
            file.Write(part.Span);
            at += part.Length;
        }

        ArrayPool<byte>.Shared.Return(buffer);
    }
}
