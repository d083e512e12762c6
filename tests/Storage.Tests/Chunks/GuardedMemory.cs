using System.Runtime.InteropServices;

namespace Deucalion.Storage.Tests.Chunks;

/// <summary>Memory that ends where the next page may not be touched: a read beyond it kills the process.</summary>
internal sealed unsafe partial class GuardedMemory : IDisposable
{
    private const int ReadWrite = 3;
    private const int PrivateAnonymous = 0x22;

    private readonly nint _start;
    private readonly nint _size;
    private readonly int _usable;

    public GuardedMemory(int size)
    {
        var page = Environment.SystemPageSize;
        _usable = (size + page - 1) / page * page;
        _size = _usable + page;
        _start = Map(0, _size, ReadWrite, PrivateAnonymous, -1, 0);
        if (_start == -1 || Protect(_start + _usable, page, 0) != 0)
        {
            throw new InvalidOperationException("no guarded memory");
        }
    }

    /// <summary>The last bytes before the guard.</summary>
    public Span<byte> Last(int length) => new((byte*)_start + _usable - length, length);

    public void Dispose() => _ = Unmap(_start, _size);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Map(nint address, nint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    private static partial int Protect(nint address, nint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int Unmap(nint address, nint length);
}
