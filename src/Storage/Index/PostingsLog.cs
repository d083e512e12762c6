using System.Runtime.InteropServices;
using Deucalion.Common.IO;
using Deucalion.Storage.Blocks;

namespace Deucalion.Storage.Index;

/// <summary>
/// Which label pairs each series has, in the order of the series: what postings are made from. Kept in memory up to a limit, then in a file
/// beside the index. Entries are a count and that many pair numbers; none crosses a page.
/// </summary>
internal sealed class PostingsLog(IDisk disk, string spillPath, int maxPagesInMemory) : IDisposable
{
    public const int PageSize = BlockBuffers.PostingsNumbers;
    public const uint EndOfPage = uint.MaxValue;

    private readonly List<uint[]> _pages = [];
    private uint[] _current = BlockBuffers.Postings.Rent(PageSize);
    private uint[] _readBack = [];
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

    /// <summary>The entries of a page, until the next one is read.</summary>
    public ReadOnlySpan<uint> Read(int page)
    {
        if (page < _pages.Count)
        {
            return _pages[page].AsSpan(0, PageSize);
        }

        if (page == PageCount - 1)
        {
            return _current.AsSpan(0, _used);
        }

        if (_readBack.Length == 0)
        {
            _readBack = BlockBuffers.Postings.Rent(PageSize);
        }

        var entries = _readBack.AsSpan(0, PageSize);
        var offset = (long)(page - _pages.Count) * PageSize * sizeof(uint);
        if (_spill!.Read(offset, MemoryMarshal.AsBytes(entries)) != PageSize * sizeof(uint))
        {
            throw new IOException($"{spillPath} is shorter than what was written to it");
        }

        return entries;
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
            BlockBuffers.Postings.Return(page);
        }

        if (_readBack.Length > 0)
        {
            BlockBuffers.Postings.Return(_readBack);
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
            _current = BlockBuffers.Postings.Rent(PageSize);
            return;
        }

        _spill ??= disk.Create(spillPath);
        _spill.Append(MemoryMarshal.AsBytes(_current.AsSpan(0, PageSize)));
        _spilled++;
    }
}
