namespace Deucalion.Storage.Chunks.Bits;

/// <summary>Writes the start timestamps that follow the samples in encodings 4, 5 and 6. Chunks of at most 127 samples.</summary>
internal struct StartTimeWriter
{
    private long _first;
    private long _difference;

    /// <summary>Index of the first sample whose start differs from that of the first sample, 0 while there is none.</summary>
    public int FirstChanged { get; private set; }

    /// <summary>The header byte of a chunk with the samples so far.</summary>
    public readonly byte Header => (byte)((_first != 0 ? 0x80 : 0) | FirstChanged);

    /// <summary>Begins a chunk; where its samples are written anew, <paramref name="firstChanged"/> is known.</summary>
    public void Begin(long first, int firstChanged)
    {
        _first = first;
        _difference = 0;
        FirstChanged = firstChanged;
    }

    /// <summary>Whether this start, of the next sample, needs another header than the chunk has: all must be written anew then.</summary>
    public readonly bool ChangesHeader(long start) => FirstChanged == 0 && start != _first;

    /// <summary>Writes what follows sample <paramref name="index"/>.</summary>
    public void Write(BitWriter writer, int index, long time, long previousTime, long start)
    {
        if (index == 0)
        {
            if (start != 0)
            {
                writer.Varint(time - start);
            }
        }
        else if (FirstChanged != 0 && index >= FirstChanged)
        {
            var difference = previousTime - start;
            writer.VarbitInt(index == FirstChanged ? difference : difference - _difference);
            _difference = difference;
        }
    }
}
