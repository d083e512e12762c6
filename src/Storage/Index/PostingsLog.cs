using System.Buffers;
using System.Runtime.InteropServices;
using Deucalion.Common.IO;

namespace Deucalion.Storage.Index;

/// <summary>
/// Which label pairs each series has, in the order of the series: what postings are made from. Kept in memory up to a limit, then in a file
/// beside the index. Entries are a count and that many pair numbers; none crosses a page.
/// </summary>
internal sealed class PostingsLog(IDisk disk, string spillPath, int maxPagesInMemory) : IDisposable
{
    public const int PageSize = 1 << 18;
    public const uint EndOfPage = uint.MaxValue;

    private readonly List<uint[]> _pages = [];
    private uint[] _current = ArrayPool<uint>.Shared.Rent(PageSize);
    private int _used;
    private IDiskFile? _spill;
    private int _spilled;

    /// <summary>Number of pages to <see cref="Read"/>.</summary>
    public int PageCount => _pages.Count + _spilled + 1;

    public void Add(ReadOnlySpan<uint> pairs)
    {
        if (_used + pairs.Length + 1 > PageSize)
        {
            EndPage();
        }

        _current[_used++] = (uint)pairs.Length;
        pairs.CopyTo(_current.AsSpan(_used));
        _used += pairs.Length;
    }

    /// <summary>The entries of a page; scratch is used where it lies in the file.</summary>
    public ReadOnlySpan<uint> Read(int page, uint[] scratch)
    {
        if (page < _pages.Count)
        {
            return _pages[page].AsSpan(0, PageSize);
        }

        if (page == PageCount - 1)
        {
            return _current.AsSpan(0, _used);
        }

        var offset = (long)(page - _pages.Count) * PageSize * sizeof(uint);
        if (_spill!.Read(offset, MemoryMarshal.AsBytes(scratch.AsSpan(0, PageSize))) != PageSize * sizeof(uint))
        {
            throw new IOException($"{spillPath} is shorter than what was written to it");
        }

        return scratch.AsSpan(0, PageSize);
    }

    /// <summary>Gives the memory back and removes the file.</summary>
    public void Dispose()
    {
        if (_current.Length == 0)
        {
            return;
        }

        foreach (var page in _pages.Append(_current))
        {
            ArrayPool<uint>.Shared.Return(page);
        }

        _pages.Clear();
        _current = [];
        if (_spill is not null)
        {
            _spill.Dispose();
            disk.Delete(spillPath);
        }
    }

    private void EndPage()
    {
        _current.AsSpan(_used, PageSize - _used).Fill(EndOfPage);
        _used = 0;
        if (_pages.Count < maxPagesInMemory)
        {
            _pages.Add(_current);
            _current = ArrayPool<uint>.Shared.Rent(PageSize);
            return;
        }

        _spill ??= disk.Create(spillPath);
        _spill.Append(MemoryMarshal.AsBytes(_current.AsSpan(0, PageSize)));
        _spilled++;
    }
}
