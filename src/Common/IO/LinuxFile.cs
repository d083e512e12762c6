using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Deucalion.Common.IO;

/// <summary>A file of <see cref="LinuxDisk"/>: positioned reads, writes at a remembered end.</summary>
internal sealed class LinuxFile : IDiskFile
{
    private readonly SafeFileHandle _handle;
    private long _length;

    public LinuxFile(string path, SafeFileHandle handle)
    {
        Path = path;
        _handle = handle;
        _length = RandomAccess.GetLength(handle);
    }

    public string Path { get; }

    public long Length => Volatile.Read(ref _length);

    public void Append(ReadOnlySpan<byte> bytes)
    {
        try
        {
            RandomAccess.Write(_handle, bytes, _length);
        }
        catch (Exception exception) when (exception is not ObjectDisposedException)
        {
            throw LinuxNative.Translate("write", Path, exception);
        }

        Volatile.Write(ref _length, _length + bytes.Length);
    }

    public void Sync()
    {
        while (LinuxNative.DataSync(_handle) != 0)
        {
            var errno = Marshal.GetLastPInvokeError();
            if (errno != LinuxNative.ErrorInterrupted)
            {
                throw LinuxNative.Failure("sync", Path, errno);
            }
        }
    }

    public int Read(long offset, Span<byte> destination)
    {
        var total = 0;
        try
        {
            while (total < destination.Length)
            {
                var count = RandomAccess.Read(_handle, destination[total..], offset + total);
                if (count == 0)
                {
                    break;
                }

                total += count;
            }
        }
        catch (Exception exception) when (exception is not ObjectDisposedException)
        {
            throw LinuxNative.Translate("read", Path, exception);
        }

        return total;
    }

    public void SetLength(long length)
    {
        try
        {
            RandomAccess.SetLength(_handle, length);
        }
        catch (Exception exception) when (exception is not ObjectDisposedException)
        {
            throw LinuxNative.Translate("truncate", Path, exception);
        }

        Volatile.Write(ref _length, length);
    }

    public void Dispose() => _handle.Dispose();
}
