using Deucalion.Storage.Blocks;

namespace Deucalion.Storage.Tests.Blocks;

/// <summary>Pulls the series and chunks of an open block, with its own symbols, as the source of another.</summary>
internal sealed class CopyingSource(BlockReader block, BlockSelection selection) : IBlockSource
{
    private int _series = -1;
    private int _chunk;
    private uint[] _labels = [];
    private readonly List<ReadOnlyMemory<byte>> _symbols = AllSymbols(block);

    public IReadOnlyList<ReadOnlyMemory<byte>> Symbols => _symbols;

    public ReadOnlySpan<uint> Labels => _labels;

    public bool NextSeries()
    {
        if (++_series >= selection.Count)
        {
            return false;
        }

        _chunk = 0;
        _labels = Array.ConvertAll(selection.LabelsAt(_series).Pairs.ToArray(), NumberOf);
        return true;
    }

    public bool NextChunk(out BlockChunk chunk)
    {
        chunk = default;
        var chunks = selection.ChunksAt(_series);
        if (_chunk == chunks.Length)
        {
            return false;
        }

        var data = selection.Chunk(selection.FirstChunkAt(_series) + _chunk, out var encoding);
        chunk = new BlockChunk(encoding, chunks[_chunk].MinTime, chunks[_chunk].MaxTime, data);
        _chunk++;
        return true;
    }

    private static List<ReadOnlyMemory<byte>> AllSymbols(BlockReader block)
    {
        var symbols = new List<ReadOnlyMemory<byte>>();
        var position = Storage.Index.SymbolTable.FirstPosition;
        for (var i = 0; i < block.Index.Symbols.Count; i++)
        {
            symbols.Add(block.Index.Symbols.Next(ref position).ToArray());
        }

        return symbols;
    }

    private uint NumberOf(string text)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(text);
        return (uint)_symbols.FindIndex(s => s.Span.SequenceEqual(bytes));
    }
}
