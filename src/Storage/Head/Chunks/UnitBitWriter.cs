using System.Buffers.Binary;
using Deucalion.Storage.Memory;

namespace Deucalion.Storage.Head.Chunks;

/// <summary>
/// Appends bits to a chain of 64-byte units: 60 bytes of data, then the location of the next unit. Bits already written keep their values, so a
/// reader who knows the published length can copy beside the writer.
/// </summary>
internal unsafe ref struct UnitBitWriter
{
    /// <summary>Bytes of data in a unit.</summary>
    public const int DataBytes = UnitArena.UnitBytes - 4;

    /// <summary>Bits of data in a unit.</summary>
    public const int DataBits = DataBytes * 8;

    private const int LastWord = DataBytes - 8;

    private readonly UnitArena _arena;
    private byte* _unit;

    /// <summary>Continues behind the bits used of a unit.</summary>
    public UnitBitWriter(UnitArena arena, uint tail, int tailBits)
    {
        _arena = arena;
        _unit = arena.At(tail);
        Tail = tail;
        TailBits = tailBits;
        Written = 0;
    }

    /// <summary>Last unit.</summary>
    public uint Tail { get; private set; }

    /// <summary>Bits used of the last unit.</summary>
    public int TailBits { get; private set; }

    /// <summary>Bits written by this writer.</summary>
    public int Written { get; private set; }

    /// <summary>A zeroed unit without a successor.</summary>
    public static uint NewUnit(UnitArena arena)
    {
        var location = arena.Allocate();
        new Span<byte>(arena.At(location), UnitArena.UnitBytes).Clear();
        return location;
    }

    /// <summary>The unit behind another one.</summary>
    public static uint NextUnit(byte* unit) => *(uint*)(unit + DataBytes);

    /// <summary>Appends the lowest <paramref name="count"/> bits (1 … 64); those above must be zero.</summary>
    public void Write(ulong bits, int count)
    {
        Written += count;
        var room = DataBits - TailBits;
        if (count > room)
        {
            if (room > 0)
            {
                Put(bits >> (count - room), room);
                count -= room;
                bits &= ulong.MaxValue >> (64 - count);
            }

            Extend();
        }

        Put(bits, count);
    }

    /// <summary>Appends the first <paramref name="count"/> bits of some bytes.</summary>
    public void Write(ReadOnlySpan<byte> bytes, int count)
    {
        var at = 0;
        for (; at + 64 <= count; at += 64)
        {
            Write(BinaryPrimitives.ReadUInt64BigEndian(bytes[(at >> 3)..]), 64);
        }

        for (; at < count; at += 8)
        {
            var size = Math.Min(8, count - at);
            Write((uint)bytes[at >> 3] >> (8 - size), size);
        }
    }

    private void Put(ulong bits, int count)
    {
        var at = Math.Min(TailBits >> 3, LastWord);
        var used = TailBits - (at << 3);
        var left = 64 - used - count;
        if (left < 0)
        {
            // Only where used is at most 7, hence away from the unit's end: the lowest byte goes on its own.
            Put(bits >> 8, count - 8);
            Put(bits & 0xff, 8);
            return;
        }

        var word = (ulong*)(_unit + at);
        *word |= BinaryPrimitives.ReverseEndianness(bits << left);
        TailBits += count;
    }

    private void Extend()
    {
        var next = NewUnit(_arena);
        *(uint*)(_unit + DataBytes) = next;
        Tail = next;
        TailBits = 0;
        _unit = _arena.At(next);
    }
}
