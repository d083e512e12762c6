using System.Numerics;
using System.Runtime.CompilerServices;

namespace Deucalion.Simulation.Model;

/// <summary>A set of samples: 3 clients, 256 samples each, by client * 256 + number. A value type: copying it copies the set.</summary>
internal struct Bits
{
    public const int PerClient = 256;
    private const int Words = 12;
    private Data _data;

    public readonly bool this[int sample] => (_data[sample >> 6] >> (sample & 63) & 1) != 0;

    public void Add(int sample) => _data[sample >> 6] |= 1UL << (sample & 63);

    public void Add(in Bits other)
    {
        for (var i = 0; i < Words; i++)
        {
            _data[i] |= other._data[i];
        }
    }

    /// <summary>Leaves only what the other set has too.</summary>
    public void Keep(in Bits other)
    {
        for (var i = 0; i < Words; i++)
        {
            _data[i] &= other._data[i];
        }
    }

    public readonly ulong Hash()
    {
        var hash = 0UL;
        for (var i = 0; i < Words; i++)
        {
            hash = (hash ^ _data[i]) * 0x9E3779B97F4A7C15;
            hash ^= hash >> 29;
        }

        return hash;
    }

    /// <summary>A sample that the other set lacks, or -1.</summary>
    public readonly int FirstNotIn(in Bits other)
    {
        for (var i = 0; i < Words; i++)
        {
            var missing = _data[i] & ~other._data[i];
            if (missing != 0)
            {
                return (i << 6) + BitOperations.TrailingZeroCount(missing);
            }
        }

        return -1;
    }

    public readonly int Count()
    {
        var count = 0;
        for (var i = 0; i < Words; i++)
        {
            count += BitOperations.PopCount(_data[i]);
        }

        return count;
    }

    [InlineArray(Words)]
    private struct Data
    {
        private ulong _first;
    }
}
