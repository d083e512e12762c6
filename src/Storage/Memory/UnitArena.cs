namespace Deucalion.Storage.Memory;

/// <summary>
/// Native memory in units of one cache line, named by 32-bit locations (0 names nothing). Pages never move, so readers resolve a location without
/// locks; allocation and freeing belong to one writer. A page all of whose units are free is given back, a few aside.
/// </summary>
internal sealed unsafe class UnitArena(NativePages source, bool poison) : IDisposable
{
    /// <summary>log2 of a unit's size.</summary>
    public const int UnitShift = 6;

    /// <summary>Size of a unit.</summary>
    public const int UnitBytes = 1 << UnitShift;

    private const int IndexShift = 8;
    private const int PageUnits = 1 << IndexShift;
    private const int PageBytes = PageUnits * UnitBytes;
    private const int KeptEmptyPages = 4;
    private const byte Poison = 0xDB;

    private readonly Stack<int> _freePages = new();
    private byte*[] _pages = new byte*[4];
    private PageInfo[] _infos = new PageInfo[4];

    // Page 0 does not exist: location 0 names nothing. The list of pages with free units starts and ends here.
    private int _pageLimit = 1;
    private int _emptyPages;

    /// <summary>Bytes of native memory held.</summary>
    public long ReservedBytes { get; private set; }

    /// <summary>Address of a unit.</summary>
    public byte* At(uint location) => _pages[location >> IndexShift] + ((location & (PageUnits - 1)) << UnitShift);

    /// <summary>A unit; its content is undefined.</summary>
    public uint Allocate()
    {
        var page = _infos[0].Next;
        if (page == 0)
        {
            page = AddPage();
        }

        ref var info = ref _infos[page];
        uint unit;
        if (info.FirstFree != 0)
        {
            unit = info.FirstFree - 1u;
            info.FirstFree = *(ushort*)At(((uint)page << IndexShift) | unit);
        }
        else
        {
            unit = info.Fresh++;
        }

        if (info.Used++ == 0)
        {
            _emptyPages--;
        }

        if (info.Used == PageUnits)
        {
            Unlist(page);
        }

        return ((uint)page << IndexShift) | unit;
    }

    /// <summary>Takes a unit back; no reader may still see it.</summary>
    public void Free(uint location)
    {
        var page = (int)(location >> IndexShift);
        var unit = At(location);
        if (poison)
        {
            new Span<byte>(unit, UnitBytes).Fill(Poison);
        }

        ref var info = ref _infos[page];
        *(ushort*)unit = info.FirstFree;
        info.FirstFree = (ushort)((location & (PageUnits - 1)) + 1);
        if (info.Used-- == PageUnits)
        {
            List(page);
        }

        if (info.Used == 0 && ++_emptyPages > KeptEmptyPages)
        {
            RemovePage(page);
        }
    }

    public void Dispose()
    {
        for (var page = 1; page < _pageLimit; page++)
        {
            if (_pages[page] != null)
            {
                source.Return(_pages[page], PageBytes);
                _pages[page] = null;
            }
        }

        ReservedBytes = 0;
    }

    private int AddPage()
    {
        var page = _freePages.Count > 0 ? _freePages.Pop() : _pageLimit++;
        var pages = _pages;
        if (page >= pages.Length)
        {
            pages = new byte*[pages.Length * 2];
            Array.Copy(_pages, pages, _pages.Length);
            Array.Resize(ref _infos, pages.Length);
        }

        pages[page] = source.Rent(PageBytes);
        Volatile.Write(ref _pages, pages);
        _infos[page] = default;
        _emptyPages++;
        List(page);
        ReservedBytes += PageBytes;
        return page;
    }

    private void RemovePage(int page)
    {
        Unlist(page);
        source.Return(_pages[page], PageBytes);
        _pages[page] = null;
        _freePages.Push(page);
        _emptyPages--;
        ReservedBytes -= PageBytes;
    }

    private void List(int page)
    {
        var first = _infos[0].Next;
        _infos[page].Next = first;
        _infos[page].Previous = 0;
        _infos[first].Previous = page;
        _infos[0].Next = page;
    }

    private void Unlist(int page)
    {
        var (previous, next) = (_infos[page].Previous, _infos[page].Next);
        _infos[previous].Next = next;
        _infos[next].Previous = previous;
    }

    private struct PageInfo
    {
        public int Next;
        public int Previous;

        /// <summary>First unit of the free list + 1, 0 where it is empty.</summary>
        public ushort FirstFree;

        /// <summary>Units from here on have never been used.</summary>
        public ushort Fresh;

        public ushort Used;
    }
}
