using System.Numerics;
using System.Runtime.CompilerServices;

namespace Deucalion.Storage.Head.Records;

/// <summary>
/// A column of values, each against the newest value that its series had in the log before (0 for a new series). Tokens by their first byte:
/// 00 … 3f: that many + 1 values are unchanged; 40 … 7f: both are integers, zigzag(difference) is the low six bits + 1; 80 … 87: the
/// same, zigzag(difference) in the low three bits + 1 bytes; c0 … ff: the XOR of the bits, without as many leading zero bytes as bits 3 … 5
/// say and trailing ones as bits 0 … 2 say. Bytes are lowest first.
/// </summary>
internal sealed class ValueColumn
{
    /// <summary>Most values of one byte.</summary>
    public const int MaxRun = 64;

    private const byte Small = 0x40;
    private const byte Large = 0x80;
    private const byte Xor = 0xc0;
    private const double IntegerLimit = 1L << 53;

    private readonly RecordBuffer _buffer = new();
    private int _run;

    /// <summary>The encoded column, complete after <see cref="Flush"/>.</summary>
    public ReadOnlySpan<byte> Written => _buffer.Written;

    public void Clear()
    {
        _buffer.Clear();
        _run = 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(ulong previous, ulong bits)
    {
        if (previous == bits)
        {
            if (++_run == MaxRun)
            {
                Flush();
            }

            return;
        }

        AddChanged(previous, bits);
    }

    public void Flush()
    {
        if (_run > 0)
        {
            _buffer.Byte((byte)(_run - 1));
            _run = 0;
        }
    }

    private void AddChanged(ulong previous, ulong bits)
    {
        Flush();
        if (TryInteger(previous, out var from) && TryInteger(bits, out var to))
        {
            var delta = to - from;
            var zigzag = (ulong)((delta << 1) ^ (delta >> 63));
            if (zigzag <= MaxRun)
            {
                _buffer.Byte((byte)(Small + zigzag - 1));
                return;
            }

            var size = (71 - BitOperations.LeadingZeroCount(zigzag)) >> 3;
            _buffer.Byte((byte)(Large + size - 1));
            _buffer.Low(zigzag, size);
            return;
        }

        var xor = previous ^ bits;
        var leading = BitOperations.LeadingZeroCount(xor) >> 3;
        var trailing = BitOperations.TrailingZeroCount(xor) >> 3;
        _buffer.Byte((byte)(Xor | (leading << 3) | trailing));
        _buffer.Low(xor >> (8 * trailing), 8 - leading - trailing);
    }

    // Minus zero is not an integer here: its bits would be lost.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryInteger(ulong bits, out long integer)
    {
        var value = BitConverter.UInt64BitsToDouble(bits);
        integer = 0;
        if (!(Math.Abs(value) < IntegerLimit))
        {
            return false;
        }

        integer = (long)value;
        return BitConverter.DoubleToUInt64Bits(integer) == bits;
    }

    /// <summary>Reads a column.</summary>
    internal ref struct Reader(ReadOnlySpan<byte> column)
    {
        private RecordReader _reader = new(column);
        private int _run;

        public readonly bool AtEnd => _run == 0 && _reader.AtEnd;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public ulong Next(ulong previous)
        {
            if (_run > 0)
            {
                _run--;
                return previous;
            }

            return NextToken(previous);
        }

        private ulong NextToken(ulong previous)
        {
            var token = _reader.Byte();
            if (token < Small)
            {
                _run = token;
                return previous;
            }

            if (token < Large)
            {
                return Integer(previous, (ulong)(token - Small + 1));
            }

            if (token < Large + 8)
            {
                return Integer(previous, _reader.Low((token & 7) + 1));
            }

            var trailing = token & 7;
            var size = 8 - ((token >> 3) & 7) - trailing;
            if (token < Xor || size < 1)
            {
                RecordReader.Malformed();
            }

            return previous ^ (_reader.Low(size) << (8 * trailing));
        }

        private static ulong Integer(ulong previous, ulong zigzag)
        {
            if (!TryInteger(previous, out var from))
            {
                RecordReader.Malformed();
            }

            var delta = (long)(zigzag >> 1) ^ -(long)(zigzag & 1);
            return BitConverter.DoubleToUInt64Bits(from + delta);
        }
    }
}
