using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Deucalion.Storage.Memory;

/// <summary>
/// A flat table of rows in native pages that never move: one writer grows it, readers index it without locks. New rows are zero.
/// </summary>
internal sealed unsafe class PagedTable<T>(NativePages source) : IDisposable
    where T : unmanaged
{
    private const int PageShift = 8;
    private const int PageRows = 1 << PageShift;

    private T*[] _pages = new T*[2];
    private int _pageCount;

    /// <summary>Rows there is room for.</summary>
    public int Capacity => _pageCount << PageShift;

    /// <summary>Bytes of native memory held.</summary>
    public long ReservedBytes => (long)_pageCount * PageBytes;

    private static int PageBytes => PageRows * sizeof(T);

    /// <summary>A row.</summary>
    public ref T this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref Unsafe.AsRef<T>(_pages[index >> PageShift] + (index & (PageRows - 1)));
    }

    /// <summary>Makes room for <paramref name="count"/> rows.</summary>
    public void EnsureCapacity(int count)
    {
        while (Capacity < count)
        {
            var page = (T*)source.Rent(PageBytes);
            NativeMemory.Clear(page, (nuint)PageBytes);
            var pages = _pages;
            if (_pageCount == pages.Length)
            {
                pages = new T*[pages.Length * 2];
                Array.Copy(_pages, pages, _pageCount);
            }

            pages[_pageCount] = page;
            Volatile.Write(ref _pages, pages);
            _pageCount++;
        }
    }

    public void Dispose()
    {
        for (var i = 0; i < _pageCount; i++)
        {
            source.Return((byte*)_pages[i], PageBytes);
        }

        _pageCount = 0;
    }
}
