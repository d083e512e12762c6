namespace Deucalion.Storage.Blocks;

/// <summary>
/// What a block is written from, pulled series by series in the order of their labels, chunk by chunk in order of time. Spans stay valid
/// until the next call.
/// </summary>
public interface IBlockSource
{
    /// <summary>
    /// All strings that labels refer to (more do no harm), UTF-8, strictly increasing bytewise. By custom the first is the empty string.
    /// </summary>
    IReadOnlyList<ReadOnlyMemory<byte>> Symbols { get; }

    /// <summary>Moves to the next series. A series without chunks is left out of the block.</summary>
    bool NextSeries();

    /// <summary>Labels of the current series as numbers of symbols (name, value, name, value …), sorted by name.</summary>
    ReadOnlySpan<uint> Labels { get; }

    /// <summary>Moves to the next chunk of the current series; it begins after the one before has ended.</summary>
    bool NextChunk(out BlockChunk chunk);
}
