using System.Buffers.Binary;
using System.Text;
using Deucalion.Storage.Blocks;

namespace Deucalion.Storage.Index;

/// <summary>
/// The sorted strings of an index, found by number (versions 2 and 3) or by offset in the file (version 1). Only every 32nd position is
/// kept. Thread-safe.
/// </summary>
internal sealed class SymbolTable
{
    private const int MaxCached = 1 << 14;

    private readonly ByteWindow _window;
    private readonly bool _byOffset;
    private readonly int[] _samples;

    // Direct-mapped: an entry is replaced by the next symbol that falls into its place. Entries are immutable.
    private readonly CachedSymbol?[] _cache;

    private SymbolTable(ByteWindow window, bool byOffset, int count, int[] samples)
    {
        _window = window;
        _byOffset = byOffset;
        Count = count;
        _samples = samples;
        _cache = new CachedSymbol?[Math.Min(MaxCached, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(count, 16)))];
    }

    /// <summary>Number of strings.</summary>
    public int Count { get; }

    /// <summary>Position of the first string, for <see cref="Next"/>.</summary>
    public static int FirstPosition => 8;

    public static async ValueTask<SymbolTable> LoadAsync(
        IByteSource source, long offset, bool byOffset, CancellationToken cancellationToken)
    {
        var window = await IndexSection.KeepAsync(source, offset, "symbol table", cancellationToken);
        return Parse(window, byOffset);
    }

    /// <summary>How series entries refer to the string of that number, which lies at that position.</summary>
    public uint ReferenceOf(int number, int position) => _byOffset ? (uint)(_window.Offset + position) : (uint)number;

    /// <summary>The string at a position, which moves on to the next.</summary>
    public ReadOnlySpan<byte> Next(scoped ref int position)
    {
        var reader = new ByteReader(_window.Span[..^IndexFormat.CrcSize]) { Position = position };
        var symbol = reader.String();
        position = reader.Position;
        return symbol;
    }

    /// <summary>The string a series entry refers to.</summary>
    public string Get(uint reference)
    {
        ref var slot = ref _cache[(reference ^ (reference >> 14)) & (uint)(_cache.Length - 1)];
        var cached = Volatile.Read(ref slot);
        if (cached is not null && cached.Reference == reference)
        {
            return cached.Value;
        }

        var value = Encoding.UTF8.GetString(BytesOf(reference));
        Volatile.Write(ref slot, new CachedSymbol(reference, value));
        return value;
    }

    /// <summary>The string a series entry refers to, as UTF-8.</summary>
    public ReadOnlySpan<byte> BytesOf(uint reference)
    {
        var bytes = _window.Span[..^IndexFormat.CrcSize];
        if (_byOffset)
        {
            var at = reference - _window.Offset;
            if (at < FirstPosition || at >= bytes.Length)
            {
                throw new CorruptBlockException("index: a symbol reference points outside the table");
            }

            return new ByteReader(bytes) { Position = (int)at }.String();
        }

        if (reference >= Count)
        {
            throw new CorruptBlockException("index: a symbol number is too large");
        }

        var reader = new ByteReader(bytes) { Position = _samples[reference / IndexFormat.Sampling] };
        for (var skip = reference % IndexFormat.Sampling; skip > 0; skip--)
        {
            reader.String();
        }

        return reader.String();
    }

    private static SymbolTable Parse(ByteWindow window, bool byOffset)
    {
        var bytes = window.Span;
        var count = BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]);
        if (count > (uint)bytes.Length)
        {
            throw new CorruptBlockException("index: more symbols than bytes");
        }

        var samples = new int[(count + IndexFormat.Sampling - 1) / IndexFormat.Sampling];
        var reader = new ByteReader(bytes[..^IndexFormat.CrcSize]) { Position = FirstPosition };
        for (var i = 0; i < count; i++)
        {
            if (i % IndexFormat.Sampling == 0)
            {
                samples[i / IndexFormat.Sampling] = reader.Position;
            }

            reader.String();
        }

        return new SymbolTable(window, byOffset, (int)count, samples);
    }

    private sealed record CachedSymbol(uint Reference, string Value);
}
