using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Deucalion.Common.Memory;

/// <summary>
/// A list of plain values in pooled pages. It grows without copying what it holds and leaves no garbage. Written by one thread, then read by many;
/// <see cref="Release"/> gives the pages back, and must not come before the last reader has left.
/// </summary>
public sealed class PooledColumn<T>
    where T : unmanaged
{
    private const int SmallestPage = 16;

    private byte[][] _pages = [];
    private int _pageCount;
    private byte[] _last = [];

    // Items of the last page, and how many it can take.
    private int _used;
    private int _room;

    /// <summary>All positions are below. Between runs there may be gaps.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes of the pages.</summary>
    public long Bytes { get; private set; }

    private static int PageShift => BitOperations.Log2((uint)(PagePool.PageBytes / Unsafe.SizeOf<T>()));

    private static int PageLength => 1 << PageShift;

    /// <summary>The item at a position.</summary>
    public ref T this[int position] => ref Items(_pages[position >> PageShift])[position & (PageLength - 1)];

    /// <summary>Adds an item.</summary>
    public void Add(T item)
    {
        if (_used == _room)
        {
            MakeRoom(1);
        }

        Items(_last)[_used++] = item;
        Count++;
    }

    /// <summary>Adds items, wherever there is room.</summary>
    public void AddAll(ReadOnlySpan<T> items)
    {
        while (!items.IsEmpty)
        {
            var fitting = Fitting(items.Length);
            items[..fitting].CopyTo(Items(_last)[_used..]);
            _used += fitting;
            Count += fitting;
            items = items[fitting..];
        }
    }

    /// <summary>Adds an item a number of times.</summary>
    public void AddRepeated(T item, int times)
    {
        while (times > 0)
        {
            var fitting = Fitting(times);
            Items(_last).Slice(_used, fitting).Fill(item);
            _used += fitting;
            Count += fitting;
            times -= fitting;
        }
    }

    /// <summary>Adds items that lie next to each other; returns the position of the first.</summary>
    public int AddRun(ReadOnlySpan<T> items)
    {
        var start = BeginRun(items.Length);
        items.CopyTo(Items(_last)[_used..]);
        _used += items.Length;
        Count += items.Length;
        return start;
    }

    /// <summary>The position of the next item, which <see cref="Extend"/> is to add, and others behind it.</summary>
    /// <param name="length">How many there will be at least.</param>
    public int BeginRun(int length)
    {
        // Positions go by full pages: behind a run that is longer than those, none can begin.
        if (_used + length > _room || _used >= PageLength)
        {
            MakeRoom(length);
        }

        return Count;
    }

    /// <summary>Adds an item to the last run, which moves where it no longer fits its page; returns the position of its first item.</summary>
    public int Extend(int start, int length, T item)
    {
        if (_used == _room)
        {
            var page = _last;
            MakeRoom(length + 1);
            if (_used == 0)
            {
                Items(page).Slice(start & (PageLength - 1), length).CopyTo(Items(_last));
                _used = length;
                start = Count;
                Count += length;
            }
        }

        Items(_last)[_used++] = item;
        Count++;
        return start;
    }

    /// <summary>Items that were added as one run, or a part of it.</summary>
    public Span<T> Run(int start, int length) =>
        length == 0 ? default : Items(_pages[start >> PageShift]).Slice(start & (PageLength - 1), length);

    /// <summary>Empties the list and gives its memory back.</summary>
    public void Release()
    {
        for (var i = 0; i < _pageCount; i++)
        {
            PagePool.Return(_pages[i]);
        }

        (_pages, _pageCount, _last, _used, _room, Count, Bytes) = ([], 0, [], 0, 0, 0, 0);
    }

    private static Span<T> Items(byte[] page) => MemoryMarshal.Cast<byte, T>(page.AsSpan());

    /// <summary>Makes room; returns how many of so many items fit.</summary>
    private int Fitting(int items)
    {
        if (_used == _room)
        {
            MakeRoom(Math.Min(items, PageLength - (_used & (PageLength - 1))));
        }

        return Math.Min(items, _room - _used);
    }

    // The first page grows until it is a full one: most lists are short.
    private void MakeRoom(int items)
    {
        if (_pageCount == 1 && _room < PageLength && _used + items <= PageLength)
        {
            var smaller = _last;
            var used = Items(smaller)[.._used];
            _pages[0] = Rent(Math.Min(PageLength, Math.Max(2 * _room, _used + items)));
            used.CopyTo(Items(_last));
            Bytes -= smaller.Length;
            PagePool.Return(smaller);
            return;
        }

        if (_pageCount == _pages.Length)
        {
            Array.Resize(ref _pages, Math.Max(4, 2 * _pageCount));
        }

        // A run longer than a page has one to itself: positions go by full pages all the same.
        Count = _pageCount << PageShift;
        _pages[_pageCount] = Rent(_pageCount == 0 && items <= PageLength ? Math.Max(items, SmallestPage) : Math.Max(items, PageLength));
        _pageCount++;
        _used = 0;
    }

    private byte[] Rent(int items)
    {
        _last = PagePool.Rent(items == PageLength ? PagePool.PageBytes : checked(items * Unsafe.SizeOf<T>()));
        _room = items <= PageLength ? Math.Min(PageLength, _last.Length / Unsafe.SizeOf<T>()) : _last.Length / Unsafe.SizeOf<T>();
        Bytes += _last.Length;
        return _last;
    }
}
