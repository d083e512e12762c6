using System.Buffers.Binary;
using System.Numerics;

namespace Deucalion.Storage.Chunks.Xor;

/// <summary>
/// Encodes the samples of one XOR chunk one after the other into a buffer of the caller, bit for bit as Prometheus does. A default value is
/// an empty chunk. Small (32 bytes) so that it can be kept per series; the bytes live with the caller, who passes the same bytes each time.
/// Bits already written keep their values: an append only sets bits behind them (in their last byte too), stores zeros behind those, and
/// rewrites the sample count in the first two bytes.
/// </summary>
public struct XorAppender
{
    /// <summary>Bytes of the sample count at the start of a chunk.</summary>
    public const int HeaderSize = 2;

    /// <summary>A buffer with this much free behind <see cref="Length"/> takes any sample.</summary>
    public const int MaxSampleSize = 20;

    /// <summary>Most samples a chunk can count.</summary>
    public const int MaxSamples = ushort.MaxValue;

    // Room that lets the encoder store whole words without looking.
    private const int FastRoom = 48;

    private long _time;
    private long _delta;
    private ulong _value;
    private int _bits;
    private ushort _count;

    // The window of significant bits written last; _significant is 0 while there is none.
    private byte _significant;
    private byte _trailing;

    internal XorAppender(int count, int bits, long time, long delta, ulong value, int significant, int trailing)
    {
        _count = (ushort)count;
        _bits = bits;
        _time = time;
        _delta = delta;
        _value = value;
        _significant = (byte)significant;
        _trailing = (byte)trailing;
    }

    /// <summary>Number of samples.</summary>
    public readonly int Count => _count;

    /// <summary>Bytes of the chunk so far, header included; 0 while empty.</summary>
    public readonly int Length => (_bits + 7) >> 3;

    /// <summary>Time of the newest sample.</summary>
    public readonly long LastTime => _time;

    /// <summary>Value of the newest sample.</summary>
    public readonly double LastValue => BitConverter.UInt64BitsToDouble(_value);

    /// <summary>
    /// Adds a sample. Returns false, and changes nothing, where the rest of the buffer is too small or the chunk is full. Times should
    /// increase; a second sample older than the first cannot be written and is refused with <see cref="ArgumentOutOfRangeException"/>.
    /// </summary>
    public bool TryAppend(Span<byte> buffer, long time, double value)
    {
        if (buffer.Length - (_bits >> 3) < FastRoom)
        {
            return TryAppendNearEnd(buffer, time, value);
        }

        if (_count < 2)
        {
            AppendEarly(buffer, time, BitConverter.DoubleToUInt64Bits(value));
        }
        else if (_count == MaxSamples)
        {
            return false;
        }
        else
        {
            AppendLater(buffer, time, BitConverter.DoubleToUInt64Bits(value));
        }

        _count++;
        BinaryPrimitives.WriteUInt16BigEndian(buffer, _count);
        return true;
    }

    private bool TryAppendNearEnd(Span<byte> buffer, long time, double value)
    {
        if (_count == MaxSamples)
        {
            return false;
        }

        // Encode into scratch space that is large enough, then copy what it came to.
        Span<byte> scratch = stackalloc byte[FastRoom + HeaderSize];
        var start = _bits >> 3;
        var next = this;
        if (_count > 0)
        {
            next._bits = _bits & 7;
            scratch[0] = next._bits == 0 ? (byte)0 : buffer[start];
        }

        var bits = BitConverter.DoubleToUInt64Bits(value);
        if (_count < 2)
        {
            next.AppendEarly(scratch, time, bits);
        }
        else
        {
            next.AppendLater(scratch, time, bits);
        }

        var length = (next._bits + 7) >> 3;
        if (start + length > buffer.Length)
        {
            return false;
        }

        scratch[..length].CopyTo(buffer[start..]);
        next._bits += start << 3;
        next._count++;
        this = next;
        BinaryPrimitives.WriteUInt16BigEndian(buffer, _count);
        return true;
    }

    private void AppendEarly(Span<byte> buffer, long time, ulong value)
    {
        if (_count == 0)
        {
            _bits = HeaderSize * 8;
            PutVarint(buffer, (ulong)((time << 1) ^ (time >> 63)));
            Put(buffer, value >> 32, 32);
            Put(buffer, value & uint.MaxValue, 32);
        }
        else
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(time, _time);
            _delta = time - _time;
            PutVarint(buffer, (ulong)_delta);
            var (head, size) = ValueHead(value ^ _value, 0, 0);
            PutSample(buffer, head, size, value ^ _value);
        }

        _time = time;
        _value = value;
    }

    private void AppendLater(Span<byte> buffer, long time, ulong value)
    {
        var delta = time - _time;
        var change = delta - _delta;
        _time = time;
        _delta = delta;
        var xor = value ^ _value;
        _value = value;
        ulong head;
        int size;
        if (change == 0)
        {
            (head, size) = (0, 1);
        }
        else if (change is >= -8191 and <= 8192)
        {
            (head, size) = ((0b10UL << 14) | ((ulong)change & 0x3fff), 16);
        }
        else if (change is >= -65535 and <= 65536)
        {
            (head, size) = ((0b110UL << 17) | ((ulong)change & 0x1ffff), 20);
        }
        else if (change is >= -524287 and <= 524288)
        {
            (head, size) = ((0b1110UL << 20) | ((ulong)change & 0xfffff), 24);
        }
        else
        {
            Put(buffer, 0b1111, 4);
            Put(buffer, (ulong)change >> 32, 32);
            (head, size) = ((ulong)change & uint.MaxValue, 32);
        }

        (head, size) = ValueHead(xor, head, size);
        PutSample(buffer, head, size, xor);
    }

    // Appends to head what announces the value, and moves the window where needed. Comes to at most 45 bits.
    private (ulong Head, int Size) ValueHead(ulong xor, ulong head, int size)
    {
        if (xor == 0)
        {
            return (head << 1, size + 1);
        }

        var leading = Math.Min(BitOperations.LeadingZeroCount(xor), 31);
        var trailing = BitOperations.TrailingZeroCount(xor);
        if (trailing >= _trailing && leading >= 64 - _significant - _trailing && _significant != 0)
        {
            return ((head << 2) | 0b10, size + 2);
        }

        var significant = 64 - leading - trailing;
        _significant = (byte)significant;
        _trailing = (byte)trailing;
        return ((((head << 2) | 0b11) << 11) | (uint)((leading << 6) | (significant & 63)), size + 13);
    }

    private void PutSample(Span<byte> buffer, ulong head, int size, ulong xor)
    {
        var at = _bits >> 3;
        var used = _bits & 7;
        var word = ((ulong)(buffer[at] & ~(0xff >> used)) << 56) | (head << (64 - used - size));
        used += size;
        _bits += size;
        if (xor != 0)
        {
            int significant = _significant;
            var payload = xor >> _trailing;
            _bits += significant;
            var left = 64 - used - significant;
            if (left >= 0)
            {
                word |= payload << left;
            }
            else
            {
                word |= payload >> -left;
                BinaryPrimitives.WriteUInt64BigEndian(buffer[(at + 8)..], payload << (64 + left));
            }
        }

        BinaryPrimitives.WriteUInt64BigEndian(buffer[at..], word);
    }

    private void PutVarint(Span<byte> buffer, ulong value)
    {
        while (value >= 0x80)
        {
            Put(buffer, (value & 0x7f) | 0x80, 8);
            value >>= 7;
        }

        Put(buffer, value, 8);
    }

    // At most 56 bits.
    private void Put(Span<byte> buffer, ulong bits, int size)
    {
        var at = _bits >> 3;
        var used = _bits & 7;
        var word = ((ulong)(buffer[at] & ~(0xff >> used)) << 56) | (bits << (64 - used - size));
        BinaryPrimitives.WriteUInt64BigEndian(buffer[at..], word);
        _bits += size;
    }
}
