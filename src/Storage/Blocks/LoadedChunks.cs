namespace Deucalion.Storage.Blocks;

/// <summary>Chunks copied out of segments that are not mapped, neighbours in one read.</summary>
internal sealed class LoadedChunks
{
    // Bytes between two chunks that are read along rather than starting another read, and how long a last chunk is thought to be.
    private const int MaxGap = 32 << 10;
    private const int ExpectedEntry = 4 << 10;
    private const int MaxRun = 8 << 20;

    private readonly (byte[] Bytes, int Offset)[] _places;

    private LoadedChunks((byte[] Bytes, int Offset)[] places)
    {
        _places = places;
    }

    public static async ValueTask<LoadedChunks> LoadAsync(
        BlockReader block, List<ChunkMeta> chunks, CancellationToken cancellationToken)
    {
        var order = Enumerable.Range(0, chunks.Count).ToArray();
        Array.Sort(order, (a, b) => chunks[a].Reference.CompareTo(chunks[b].Reference));
        var places = new (byte[] Bytes, int Offset)[chunks.Count];
        for (var i = 0; i < order.Length;)
        {
            var first = chunks[order[i]];
            var segment = block.Segment(first);
            var next = i + 1;
            while (next < order.Length && IsNear(first, chunks[order[next - 1]], chunks[order[next]]))
            {
                next++;
            }

            var stop = Math.Min(chunks[order[next - 1]].Offset + ExpectedEntry, segment.Length);
            var bytes = await ReadAsync(segment, first.Offset, stop - first.Offset, cancellationToken);
            for (; i < next; i++)
            {
                var offset = (int)(chunks[order[i]].Offset - first.Offset);
                var size = ChunkSegment.EntrySize(bytes.AsSpan(offset));
                places[order[i]] = offset + size <= bytes.Length
                    ? (bytes, offset)
                    : (await ReadAsync(segment, chunks[order[i]].Offset, size, cancellationToken), 0);
            }
        }

        return new LoadedChunks(places);
    }

    public ReadOnlySpan<byte> Chunk(int chunk, out byte encoding) =>
        ChunkSegment.Chunk(_places[chunk].Bytes.AsSpan(_places[chunk].Offset), out encoding);

    private static bool IsNear(in ChunkMeta first, in ChunkMeta previous, in ChunkMeta next) =>
        next.Segment == first.Segment && next.Offset - previous.Offset <= MaxGap && next.Offset - first.Offset < MaxRun;

    private static async ValueTask<byte[]> ReadAsync(IByteSource segment, long offset, long length, CancellationToken cancellationToken)
    {
        if (length <= 0 || offset > segment.Length - length)
        {
            throw new CorruptBlockException("index: a chunk lies outside its file");
        }

        var bytes = new byte[length];
        await segment.ReadAsync(offset, bytes, cancellationToken);
        return bytes;
    }
}
