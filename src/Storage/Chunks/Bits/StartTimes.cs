namespace Deucalion.Storage.Chunks.Bits;

/// <summary>Reads the start timestamps that follow the samples in encodings 4, 5 and 6.</summary>
internal struct StartTimes(byte header)
{
    private readonly bool _firstKnown = header >= 0x80;
    private readonly int _firstChanged = header & 0x7f;
    private long _difference;

    /// <summary>Start timestamp of the last sample read, 0 = unknown.</summary>
    public long Current { get; private set; }

    /// <summary>Reads what follows sample <paramref name="index"/>.</summary>
    public void Read(ref BitReader reader, int index, long time, long previousTime)
    {
        if (index == 0)
        {
            Current = _firstKnown ? time - reader.Varint() : 0;
        }
        else if (_firstChanged != 0 && index >= _firstChanged)
        {
            var change = reader.VarbitInt();
            _difference = index == _firstChanged ? change : _difference + change;
            Current = previousTime - _difference;
        }
    }
}
