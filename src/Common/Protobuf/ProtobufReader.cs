using System.Buffers.Binary;

namespace Deucalion.Common.Protobuf;

/// <summary>
/// Reads protobuf fields from a span without allocating. Every method takes the end of the message it reads in; on failure it returns
/// false and <see cref="Error"/> and <see cref="ErrorOffset"/> say what and where.
/// </summary>
public ref struct ProtobufReader(ReadOnlySpan<byte> data)
{
    /// <summary>Wire type of numbers of variable length.</summary>
    public const int Varint = 0;

    /// <summary>Wire type of eight bytes.</summary>
    public const int Fixed64 = 1;

    /// <summary>Wire type of a length with as many bytes.</summary>
    public const int Bytes = 2;

    /// <summary>Wire type of four bytes.</summary>
    public const int Fixed32 = 5;

    private const int StartGroup = 3;
    private const int EndGroup = 4;
    private const int MaxGroupDepth = 64;

    private readonly ReadOnlySpan<byte> _data = data;

    /// <summary>Next byte to read.</summary>
    public int Position { get; private set; }

    /// <summary>What is malformed, or null.</summary>
    public string? Error { get; private set; }

    /// <summary>Byte at which the malformed element was met.</summary>
    public int ErrorOffset { get; private set; }

    /// <summary>Moves on to the end of a message that is not wanted.</summary>
    public void SkipTo(int end) => Position = end;

    /// <summary>Reads a number of variable length.</summary>
    public bool TryReadVarint(int end, out ulong value)
    {
        if (Position < end && _data[Position] < 0x80)
        {
            value = _data[Position++];
            return true;
        }

        return TryReadLongVarint(end, out value);
    }

    /// <summary>Reads the number and the wire type of the next field.</summary>
    public bool TryReadTag(int end, out int field, out int wireType)
    {
        var start = Position;
        if (!TryReadVarint(end, out var tag))
        {
            field = wireType = 0;
            return false;
        }

        field = (int)(tag >> 3);
        wireType = (int)(tag & 7);
        return tag is >= 8 and <= uint.MaxValue || Fail("invalid field number", start);
    }

    /// <summary>Reads a length-delimited field's length; <see cref="Position"/> is then its first byte.</summary>
    public bool TryReadLength(int end, out int length)
    {
        var start = Position;
        length = 0;
        if (!TryReadVarint(end, out var value))
        {
            return false;
        }

        if (value > (ulong)(end - Position))
        {
            return Fail("field longer than its message", start);
        }

        length = (int)value;
        return true;
    }

    /// <summary>Reads a length-delimited field as a range and moves past it.</summary>
    public bool TryReadRange(int end, out int offset, out int length)
    {
        if (!TryReadLength(end, out length))
        {
            offset = 0;
            return false;
        }

        offset = Position;
        Position += length;
        return true;
    }

    /// <summary>Reads eight bytes as a floating-point number.</summary>
    public bool TryReadDouble(int end, out double value)
    {
        if (end - Position < sizeof(double))
        {
            value = 0;
            return Fail("truncated 64-bit value", Position);
        }

        value = BinaryPrimitives.ReadDoubleLittleEndian(_data[Position..]);
        Position += sizeof(double);
        return true;
    }

    /// <summary>Whether the field has the wire type that its definition asks for.</summary>
    public bool Expect(int actual, int expected) => actual == expected || Fail("wrong wire type", Position);

    /// <summary>Skips a field of which the tag has been read.</summary>
    public bool TrySkip(int end, int wireType)
    {
        var depth = 0;
        while (true)
        {
            switch (wireType)
            {
                case Varint when !TryReadVarint(end, out _):
                case Fixed64 when !TryAdvance(end, 8):
                case Bytes when !TryReadRange(end, out _, out _):
                case Fixed32 when !TryAdvance(end, 4):
                    return false;
                case StartGroup when ++depth > MaxGroupDepth:
                    return Fail("groups nested too deep", Position);
                case EndGroup when --depth < 0:
                    return Fail("end of a group that was not started", Position);
                case > Fixed32:
                    return Fail("unknown wire type", Position);
                default:
                    break;
            }

            if (depth == 0)
            {
                return true;
            }

            if (!TryReadTag(end, out _, out wireType))
            {
                return false;
            }
        }
    }

    private bool TryAdvance(int end, int bytes)
    {
        if (end - Position < bytes)
        {
            return Fail("truncated value", Position);
        }

        Position += bytes;
        return true;
    }

    private bool TryReadLongVarint(int end, out ulong value)
    {
        var start = Position;
        value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            if (Position >= end)
            {
                return Fail("truncated varint", start);
            }

            var b = _data[Position++];
            if (shift == 63 && b > 1)
            {
                break;
            }

            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80)
            {
                return true;
            }
        }

        return Fail("varint longer than 64 bits", start);
    }

    private bool Fail(string what, int offset)
    {
        Error ??= what;
        ErrorOffset = offset;
        return false;
    }
}
