using System.Buffers.Binary;

namespace Deucalion.Ingester.Remote;

/// <summary>A column of a message between nodes: numbers of fixed width, little-endian, one behind the other.</summary>
internal readonly ref struct Column(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Whether the column was sent.</summary>
    public bool IsEmpty => _bytes.IsEmpty;

    /// <summary>The 32-bit number at a place.</summary>
    public int Int32(int index) => BinaryPrimitives.ReadInt32LittleEndian(_bytes[(index * sizeof(int))..]);

    /// <summary>The 64-bit number at a place.</summary>
    public long Int64(int index) => BinaryPrimitives.ReadInt64LittleEndian(_bytes[(index * sizeof(long))..]);

    /// <summary>The floating-point number at a place.</summary>
    public double Double(int index) => BinaryPrimitives.ReadDoubleLittleEndian(_bytes[(index * sizeof(double))..]);

    /// <summary>Number of entries of that many bytes.</summary>
    /// <exception cref="RemoteFormatException">The column is no whole number of them.</exception>
    public int Count(int width, string name)
    {
        var (count, rest) = Math.DivRem(_bytes.Length, width);
        return rest == 0 ? count : throw new RemoteFormatException($"column {name} of {_bytes.Length} bytes has entries of {width}");
    }

    /// <summary>Checks that the column has so many entries of that width, or, where it may be missing, none.</summary>
    /// <exception cref="RemoteFormatException">It has another number of them.</exception>
    public void Expect(long count, int width, string name, bool optional = false)
    {
        if (_bytes.Length != count * width && !(optional && _bytes.IsEmpty))
        {
            throw new RemoteFormatException($"column {name} of {_bytes.Length} bytes should have {count} entries of {width}");
        }
    }

    /// <summary>Sum of the column as 32-bit counts; 0 where it is missing.</summary>
    /// <exception cref="RemoteFormatException">A count is negative.</exception>
    public long Sum(string name)
    {
        var count = Count(sizeof(int), name);
        var sum = 0L;
        for (var i = 0; i < count; i++)
        {
            var value = Int32(i);
            sum += value >= 0 ? value : throw new RemoteFormatException($"column {name} counts {value}");
        }

        return sum;
    }
}
