using System.Numerics;

namespace Deucalion.Storage.Memory;

/// <summary>
/// Native memory cut into units of a fixed size and named by 32-bit locations (0 names nothing). Pages never move, so readers resolve a location
/// without locks; allocation and freeing belong to one writer. Blocks of up to 16 units have a size class each, larger ones are rounded
/// up to powers of two; freed blocks serve their class again.
/// </summary>
internal sealed unsafe class PageArena : IDisposable
{
    private const int PageShift = 14;
    private const int PageBytes = 1 << PageShift;
    private const int ExactClasses = 16;
    private const byte Poison = 0xDB;

    private readonly NativePages _source;
    private readonly bool _poison;
    private readonly int _unitShift;
    private readonly int _indexShift;
    private readonly uint _indexMask;
    private readonly uint[] _free = new uint[ExactClasses + 32];
    private readonly List<(nint Address, long Bytes)> _allocations = [];
    private byte*[] _pages = new byte*[4];
    private int _pageCount;
    private uint _next = 1;
    private uint _end;

    public PageArena(NativePages source, int unitShift, bool poison)
    {
        _source = source;
        _unitShift = unitShift;
        _poison = poison;
        _indexShift = PageShift - unitShift;
        _indexMask = (1u << _indexShift) - 1;
    }

    /// <summary>Bytes of native memory held.</summary>
    public long ReservedBytes { get; private set; }

    /// <summary>Bytes of blocks handed out, rounded up to their classes.</summary>
    public long UsedBytes { get; private set; }

    /// <summary>Address of a location.</summary>
    public byte* At(uint location) => _pages[location >> _indexShift] + ((location & _indexMask) << _unitShift);

    /// <summary>A block of at least that many bytes; its content is undefined.</summary>
    public uint Allocate(int bytes)
    {
        var (index, units) = ClassOf(bytes);
        UsedBytes += (long)units << _unitShift;
        var location = _free[index];
        if (location != 0)
        {
            _free[index] = *(uint*)At(location);
            return location;
        }

        if (_pageCount == 0)
        {
            StartPage();
        }

        if (units > _indexMask + 1)
        {
            return AddPages((int)((units + _indexMask) >> _indexShift));
        }

        while (_end - _next < units)
        {
            StartPage();
        }

        location = _next;
        _next += units;
        return location;
    }

    /// <summary>Takes back a block allocated with the same size; no reader may still see it.</summary>
    public void Free(uint location, int bytes)
    {
        var (index, units) = ClassOf(bytes);
        UsedBytes -= (long)units << _unitShift;
        Push(location, index, units);
    }

    public void Dispose()
    {
        foreach (var (address, bytes) in _allocations)
        {
            _source.Return((byte*)address, bytes);
        }

        _allocations.Clear();
        ReservedBytes = 0;
    }

    private (int Index, uint Units) ClassOf(int bytes)
    {
        var units = (uint)((bytes + (1 << _unitShift) - 1) >> _unitShift);
        if (units <= ExactClasses)
        {
            return ((int)units, units);
        }

        units = BitOperations.RoundUpToPowerOf2(units);
        return (ExactClasses + BitOperations.Log2(units) - 4, units);
    }

    private void Push(uint location, int index, uint units)
    {
        var block = At(location);
        if (_poison)
        {
            new Span<byte>(block, (int)(units << _unitShift)).Fill(Poison);
        }

        *(uint*)block = _free[index];
        _free[index] = location;
    }

    private void StartPage()
    {
        FreeRemainder();
        _next = AddPages(1);
        _end = _next + _indexMask + 1;

        // The first unit of all stays unused: location 0 names nothing.
        _next = Math.Max(_next, 1);
    }

    // What is left of the current page goes to the free lists.
    private void FreeRemainder()
    {
        while (_end > _next)
        {
            var units = Math.Min(_end - _next, ExactClasses);
            Push(_next, (int)units, units);
            _next += units;
        }
    }

    private uint AddPages(int count)
    {
        var bytes = (long)count << PageShift;
        var address = _source.Rent(bytes);
        _allocations.Add(((nint)address, bytes));
        ReservedBytes += bytes;
        var pages = _pages;
        if (_pageCount + count > pages.Length)
        {
            pages = new byte*[Math.Max(pages.Length * 2, _pageCount + count)];
            Array.Copy(_pages, pages, _pageCount);
        }

        for (var i = 0; i < count; i++)
        {
            pages[_pageCount + i] = address + ((long)i << PageShift);
        }

        Volatile.Write(ref _pages, pages);
        var first = (uint)_pageCount << _indexShift;
        _pageCount += count;
        return first;
    }
}
