using System.Numerics;

namespace Deucalion.Storage.Chunks.Bits;

/// <summary>A float that is written as the difference to its last value, with the window of significant bits that it had last.</summary>
internal struct XorField
{
    private const int MaxLeading = 31;

    private ulong _bits;

    // 0 while there is no window.
    private byte _significant;
    private byte _trailing;

    public readonly double Value => BitConverter.UInt64BitsToDouble(_bits);

    public readonly ulong Bits => _bits;

    /// <summary>Reads the first value, raw.</summary>
    public void ReadFirst(ref BitReader reader) => _bits = reader.Bits(64);

    public void Read(ref BitReader reader)
    {
        if (!reader.Bit())
        {
            return;
        }

        if (reader.Bit())
        {
            ReadWindow(ref reader);
        }

        ReadChange(ref reader);
    }

    /// <summary>Reads a new window and what changed in it.</summary>
    public void ReadWindow(ref BitReader reader)
    {
        var leading = (int)reader.Bits(5);
        var significant = (int)reader.Bits(6);
        significant = significant == 0 ? 64 : significant;
        if (leading + significant > 64)
        {
            throw new CorruptChunkException("a value in a chunk has more than 64 bits");
        }

        _significant = (byte)significant;
        _trailing = (byte)(64 - leading - significant);
    }

    /// <summary>Reads what changed in the window as it stands.</summary>
    public void ReadChange(ref BitReader reader)
    {
        int significant = _significant == 0 ? 64 : _significant;
        _bits ^= reader.Bits(significant) << _trailing;
    }

    /// <summary>Sets the value without touching the window.</summary>
    public void Set(ulong bits) => _bits = bits;

    /// <summary>Whether a changed value fits the window as it stands.</summary>
    public readonly bool FitsWindow(ulong next)
    {
        var change = next ^ _bits;
        return _significant != 0
            && BitOperations.TrailingZeroCount(change) >= _trailing
            && Math.Min(BitOperations.LeadingZeroCount(change), MaxLeading) >= 64 - _significant - _trailing;
    }

    /// <summary>Writes what changed in the window as it stands.</summary>
    public void WriteChange(BitWriter writer, ulong next)
    {
        writer.Bits((next ^ _bits) >> _trailing, _significant);
        _bits = next;
    }

    /// <summary>Writes a new window and what changed in it.</summary>
    public void WriteWindow(BitWriter writer, ulong next)
    {
        var change = next ^ _bits;
        var leading = Math.Min(BitOperations.LeadingZeroCount(change), MaxLeading);
        _trailing = (byte)BitOperations.TrailingZeroCount(change);
        _significant = (byte)(64 - leading - _trailing);
        writer.Bits((uint)leading, 5);
        writer.Bits((uint)_significant & 63, 6);
        WriteChange(writer, next);
    }

    public void WriteFirst(BitWriter writer, double value)
    {
        _bits = BitConverter.DoubleToUInt64Bits(value);
        writer.Bits(_bits, 64);
    }

    public void Write(BitWriter writer, double value)
    {
        var next = BitConverter.DoubleToUInt64Bits(value);
        if (next == _bits)
        {
            writer.Bits(0, 1);
        }
        else if (FitsWindow(next))
        {
            writer.Bits(0b10, 2);
            WriteChange(writer, next);
        }
        else
        {
            writer.Bits(0b11, 2);
            WriteWindow(writer, next);
        }
    }
}
