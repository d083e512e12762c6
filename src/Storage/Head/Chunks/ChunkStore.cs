using Deucalion.Storage.Chunks;
using Deucalion.Storage.Chunks.Xor;
using Deucalion.Storage.Memory;

namespace Deucalion.Storage.Head.Chunks;

/// <summary>
/// The chunks of a head: slots in a flat table, bytes in chains of units. In-order samples go behind the published ones; a sample out of order goes
/// into an extra chunk of its series, which is written anew and swapped in by its descriptor. Plain floats are encoded straight into the units; the other
/// kinds by the appenders of <see cref="OpenAppenders"/> (in the other part of this class). One writer; <see cref="CopyTo"/> runs
/// beside it in readers that are registered with the epochs.
/// </summary>
internal sealed unsafe partial class ChunkStore : IDisposable
{
    // Small, since an insertion writes the whole chunk anew.
    private const int MaxOutOfOrderSamples = 32;

    private readonly UnitArena _units;
    private readonly PagedTable<ChunkSlot> _slots;
    private readonly RetireQueue<(uint Units, int Slot)> _retired;
    private readonly Action<(uint Units, int Slot)> _release;
    private readonly Stack<int> _freeSlots = new();
    private byte[] _bytes = new byte[256];
    private readonly long[] _times = new long[ChunkDescriptor.MaxSamples + 1];
    private readonly double[] _values = new double[ChunkDescriptor.MaxSamples + 1];
    private int _nextSlot = 1;

    public ChunkStore(HeadResources resources)
    {
        _units = new UnitArena(resources.Pages, resources.Poison);
        _slots = new PagedTable<ChunkSlot>(resources.Pages);
        _retired = new RetireQueue<(uint Units, int Slot)>(resources.Epochs);
        _release = Release;
        _slots.EnsureCapacity(1);
    }

    /// <summary>Number of chunks.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes of native memory held.</summary>
    public long ReservedBytes => _units.ReservedBytes + _slots.ReservedBytes;

    public ref ChunkSlot this[int slot] => ref _slots[slot];

    /// <summary>Appends a float newer than the series' newest sample, which was the previous one.</summary>
    public void Append(ref SeriesRow row, int generation, long previousTime, ulong previousBits, long time, ulong bits)
    {
        var open = row.OpenChunk;
        if (open != 0)
        {
            ref var slot = ref _slots[open];
            var descriptor = new ChunkDescriptor(slot.Descriptor);
            var samples = descriptor.Samples;
            if (samples < ChunkDescriptor.MaxSamples && slot.Owner == generation << 1 && descriptor.Encoding == ChunkEncoding.Xor)
            {
                var added = XorUnitEncoder.Append(_units, ref row, samples, previousTime, previousBits, time, bits);

                // The time first: a reader takes the descriptor before it, so that the bounds it sees hold for all samples it copies.
                slot.MaxTime = time;
                Volatile.Write(ref slot.Descriptor, descriptor.Longer(added).Word);
                return;
            }

            Close(ref row);
        }

        var unit = UnitBitWriter.NewUnit(_units);
        row.TailUnit = unit;
        row.TailBits = 0;
        var written = XorUnitEncoder.Append(_units, ref row, 0, 0, 0, time, bits);
        row.OpenChunk = Link(ref row, new ChunkDescriptor(unit, written, 1, ChunkEncoding.Xor), time, time, generation << 1);
    }

    /// <summary>Adds a sample older than the series' newest; false where the out-of-order chunks hold its time already.</summary>
    public bool Insert(ref SeriesRow row, int generation, long time, ulong bits)
    {
        var owner = (generation << 1) | 1;
        for (var i = row.FirstChunk; i != 0; i = _slots[i].Next)
        {
            ref var slot = ref _slots[i];
            var descriptor = new ChunkDescriptor(slot.Descriptor);
            if (slot.Owner != owner || descriptor.Samples >= MaxOutOfOrderSamples || descriptor.Encoding != ChunkEncoding.Xor)
            {
                continue;
            }

            var count = Decode(descriptor, long.MinValue, long.MaxValue);
            var at = Array.BinarySearch(_times, 0, count, time);
            if (at >= 0)
            {
                return false;
            }

            at = ~at;
            Array.Copy(_times, at, _times, at + 1, count - at);
            Array.Copy(_values, at, _values, at + 1, count - at);
            _times[at] = time;
            _values[at] = BitConverter.UInt64BitsToDouble(bits);
            var replacement = Encode(_times.AsSpan(0, count + 1), _values);
            slot.MinTime = Math.Min(slot.MinTime, time);
            slot.MaxTime = Math.Max(slot.MaxTime, time);
            Volatile.Write(ref slot.Descriptor, replacement.Word);
            _retired.Add((descriptor.Unit, 0));
            return true;
        }

        _times[0] = time;
        _values[0] = BitConverter.UInt64BitsToDouble(bits);
        Link(ref row, Encode(_times.AsSpan(0, 1), _values), time, time, owner);
        return true;
    }

    /// <summary>What the series has at a time: a float's bits, or the identity of a histogram. For the writer.</summary>
    public bool TryFind(in SeriesRow row, long time, out SampleIdentity sample)
    {
        for (var i = row.FirstChunk; i != 0; i = _slots[i].Next)
        {
            ref var slot = ref _slots[i];
            if (time < slot.MinTime || time > slot.MaxTime)
            {
                continue;
            }

            var descriptor = new ChunkDescriptor(slot.Descriptor);
            if (descriptor.Encoding == ChunkEncoding.Xor)
            {
                if (Decode(descriptor, time, time) > 0)
                {
                    sample = SampleIdentity.Of(_values[0]);
                    return true;
                }
            }
            else if (TryFind(descriptor, time, out sample))
            {
                return true;
            }
        }

        sample = default;
        return false;
    }

    /// <summary>Adds a chunk as a checkpoint has it; returns its slot.</summary>
    public int Restore(ref SeriesRow row, ReadOnlySpan<byte> chunk, ChunkDescriptor descriptor, long minTime, long maxTime, int owner, bool open)
    {
        var unit = UnitBitWriter.NewUnit(_units);
        var writer = new UnitBitWriter(_units, unit, 0);
        writer.Write(chunk, descriptor.Bits);
        var slot = Link(ref row, new ChunkDescriptor(unit, descriptor.Bits, descriptor.Samples, descriptor.Encoding, descriptor.Flag), minTime, maxTime, owner);
        if (open)
        {
            row.OpenChunk = slot;
            row.TailUnit = writer.Tail;
            row.TailBits = (short)writer.TailBits;
        }

        return slot;
    }

    /// <summary>Ends a series' open chunk: the next sample starts another one.</summary>
    public void Close(ref SeriesRow row)
    {
        _encoded.Forget(row.OpenChunk);
        row.OpenChunk = 0;
    }

    /// <summary>Takes the chunks of a generation out of a series' list.</summary>
    public void Unlink(ref SeriesRow row, int generation)
    {
        ref var link = ref row.FirstChunk;
        while (link != 0)
        {
            var i = link;
            ref var slot = ref _slots[i];
            if (slot.Owner >> 1 != generation)
            {
                link = ref slot.Next;
                continue;
            }

            Volatile.Write(ref link, slot.Next);
            _encoded.Forget(i);
            _retired.Add((new ChunkDescriptor(slot.Descriptor).Unit, i));
            Count--;
        }
    }

    /// <summary>Copies a chunk as the block format has it into <see cref="ChunkDescriptor.Length"/> bytes.</summary>
    public void CopyTo(ChunkDescriptor descriptor, Span<byte> destination)
    {
        descriptor.WriteCount(destination);
        var data = destination[2..];
        var unit = _units.At(descriptor.Unit);
        while (data.Length > UnitBitWriter.DataBytes)
        {
            new ReadOnlySpan<byte>(unit, UnitBitWriter.DataBytes).CopyTo(data);
            data = data[UnitBitWriter.DataBytes..];
            unit = _units.At(UnitBitWriter.NextUnit(unit));
        }

        new ReadOnlySpan<byte>(unit, data.Length).CopyTo(data);

        // The last byte may hold bits of the next sample already.
        var rest = descriptor.Bits & 7;
        if (rest != 0)
        {
            data[^1] &= (byte)(0xff00 >> rest);
        }
    }

    /// <summary>Frees what no reader can see any more.</summary>
    public void Collect() => _retired.Collect(_release);

    public void Dispose()
    {
        _units.Dispose();
        _slots.Dispose();
    }

    private int Decode(ChunkDescriptor descriptor, long minTime, long maxTime) =>
        XorChunk.Decode(Copy(descriptor), descriptor.Samples, minTime, maxTime, _times, _values);

    private ChunkDescriptor Encode(ReadOnlySpan<long> times, ReadOnlySpan<double> values)
    {
        var first = UnitBitWriter.NewUnit(_units);
        var row = new SeriesRow { TailUnit = first };
        var bits = 0;
        for (var i = 0; i < times.Length; i++)
        {
            var value = BitConverter.DoubleToUInt64Bits(values[i]);
            bits += XorUnitEncoder.Append(_units, ref row, i, row.LastTime, row.LastBits, times[i], value);
            row.LastTime = times[i];
            row.LastBits = value;
        }

        return new ChunkDescriptor(first, bits, times.Length, ChunkEncoding.Xor);
    }

    private int Link(ref SeriesRow row, ChunkDescriptor descriptor, long minTime, long maxTime, int owner)
    {
        var index = _freeSlots.Count > 0 ? _freeSlots.Pop() : _nextSlot++;
        _slots.EnsureCapacity(index + 1);
        ref var slot = ref _slots[index];
        slot.MinTime = minTime;
        slot.MaxTime = maxTime;
        slot.Owner = owner;
        slot.Next = row.FirstChunk;
        slot.Descriptor = descriptor.Word;
        Volatile.Write(ref row.FirstChunk, index);
        Count++;
        return index;
    }

    private void Release((uint Units, int Slot) item)
    {
        for (var unit = item.Units; unit != 0;)
        {
            var next = UnitBitWriter.NextUnit(_units.At(unit));
            _units.Free(unit);
            unit = next;
        }

        if (item.Slot != 0)
        {
            _freeSlots.Push(item.Slot);
        }
    }
}
