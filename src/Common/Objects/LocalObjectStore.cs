using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Deucalion.Common.IO;

namespace Deucalion.Common.Objects;

/// <summary>
/// A bucket in a local directory: an object is a file under its key. Writes go to a temporary file, are synced and renamed; conditional
/// writes are atomic among all processes that use the directory (which must not be on a network file system). A revision is a hash of the
/// content. A key cannot be another key's beginning up to a slash.
/// </summary>
public sealed class LocalObjectStore : IObjectStore
{
    // Names that keys cannot begin with.
    private const string TemporaryDirectory = ".tmp";
    private const string LockDirectory = ".locks";
    private const int LockCount = 64;
    private const int CopySize = 1 << 20;

    private readonly IDisk _disk;
    private readonly string _root;
    private readonly SemaphoreSlim[] _gates = new SemaphoreSlim[LockCount];
    private readonly string _instance = Convert.ToHexString(RandomNumberGenerator.GetBytes(6));
    private long _temporaries;

    /// <summary>Uses, and creates where absent, a directory.</summary>
    public LocalObjectStore(IDisk disk, string root)
    {
        _disk = disk;
        _root = Path.GetFullPath(root);
        disk.CreateDirectory(Path.Combine(_root, TemporaryDirectory));
        disk.CreateDirectory(Path.Combine(_root, LockDirectory));
        for (var i = 0; i < LockCount; i++)
        {
            _gates[i] = new SemaphoreSlim(1);
        }
    }

    /// <summary>
    /// Makes the store of a process that was killed fit for use: deletes what its unfinished writes left behind, and makes durable what it had renamed but
    /// not yet synced, before anybody relies on reading it. Only while no other process uses the directory.
    /// </summary>
    public void Recover()
    {
        RemoveTemporaries();
        SyncBelow(_root);
    }

    private void SyncBelow(string path)
    {
        foreach (var entry in _disk.List(path))
        {
            if (entry.IsDirectory)
            {
                SyncBelow(Path.Combine(path, entry.Name));
            }
        }

        _disk.SyncDirectory(path);
    }

    private void RemoveTemporaries()
    {
        var directory = Path.Combine(_root, TemporaryDirectory);
        foreach (var entry in _disk.List(directory))
        {
            _disk.Delete(Path.Combine(directory, entry.Name));
        }
    }

    /// <inheritdoc/>
    public ValueTask PutAsync(string key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var path = PathOf(key);
        return new ValueTask(ChangeAsync(
            key,
            () =>
            {
                Store(file => file.Append(content.Span), path);
                return true;
            },
            cancellationToken));
    }

    /// <inheritdoc/>
    public ValueTask PutFileAsync(string key, string path, CancellationToken cancellationToken)
    {
        var target = PathOf(key);
        return new ValueTask(ChangeAsync(
            key,
            () =>
            {
                Store(file => Copy(path, file, cancellationToken), target);
                return true;
            },
            cancellationToken));
    }

    /// <inheritdoc/>
    public ValueTask<string?> PutIfAsync(string key, ReadOnlyMemory<byte> content, string? ifRevision, CancellationToken cancellationToken)
    {
        var path = PathOf(key);
        return new ValueTask<string?>(ChangeAsync(
            key,
            () =>
            {
                var current = Read(path);
                if ((current is null ? null : Revision(current)) != ifRevision)
                {
                    return null;
                }

                Store(file => file.Append(content.Span), path);
                return Revision(content.Span);
            },
            cancellationToken));
    }

    /// <inheritdoc/>
    public ValueTask<StoredObject?> GetAsync(string key, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var path = PathOf(key);
        var content = Translated(key, () =>
        {
            if (Read(path) is { } found)
            {
                return found;
            }

            // Absent only if the directory was there when it was looked for.
            RequirePresent();
            return Read(path);
        });
        return new ValueTask<StoredObject?>(content is null ? null : new StoredObject(content, Revision(content)));
    }

    /// <inheritdoc/>
    public ValueTask<int> GetRangeAsync(string key, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        var path = PathOf(key);
        return new ValueTask<int>(Translated(key, () =>
        {
            using var file = OpenRead(path) ?? throw Absent(key);
            return file.Read(offset, destination.Span);
        }));
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ObjectEntry> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        var slash = prefix.LastIndexOf('/');
        var directory = slash < 0 ? string.Empty : prefix[..(slash + 1)];
        if (directory.Length > 0 && !ObjectKey.IsValid(directory[..^1]))
        {
            yield break;
        }

        Translated(prefix, RequirePresent);
        foreach (var entry in Walk(directory, prefix))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return entry;
        }

        Translated(prefix, RequirePresent);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<string> ListFoldersAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        if (prefix.Length > 0 && !ObjectKey.IsValid(prefix[..^1]))
        {
            yield break;
        }

        // A directory goes with the last object in it.
        var found = Translated(prefix, () =>
        {
            RequirePresent();
            var below = _disk.List(Path.Combine(_root, prefix));
            RequirePresent();
            return below;
        });
        var names = found.Where(entry => entry.IsDirectory && (prefix.Length > 0 || !entry.Name.StartsWith('.')));
        foreach (var name in names.Select(static entry => entry.Name + "/").Order(StringComparer.Ordinal))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return name[..^1];
        }
    }

    /// <inheritdoc/>
    public ValueTask DeleteAsync(string key, CancellationToken cancellationToken)
    {
        var path = PathOf(key);
        return new ValueTask(ChangeAsync(
            key,
            () =>
            {
                var directory = Path.GetDirectoryName(path)!;
                if (_disk.Exists(path))
                {
                    _disk.Delete(path);
                    _disk.SyncDirectory(directory);
                }

                RemoveEmpty(directory);
                return true;
            },
            cancellationToken));
    }

    /// <inheritdoc/>
    public string? LocalPath(string key) => PathOf(key);

    private static string Revision(ReadOnlySpan<byte> content) => Convert.ToHexString(SHA256.HashData(content).AsSpan(0, 16));

    /// <summary>A directory that was moved away, unmounted or emptied is an error: nothing is concluded from what it lacks.</summary>
    private bool RequirePresent() => _disk.Exists(Path.Combine(_root, LockDirectory))
        ? true
        : throw new IOException($"{_root} no longer holds {LockDirectory}: was it moved away, unmounted or emptied?");

    private ObjectNotFoundException Absent(string key)
    {
        RequirePresent();
        return new ObjectNotFoundException(key);
    }

    private static T Translated<T>(string key, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception e) when (e is IOException and not ObjectStoreException or UnauthorizedAccessException)
        {
            throw new ObjectStoreException($"object {key}: {e.Message}", e);
        }
    }

    private string PathOf(string key)
    {
        ObjectKey.Require(key);
        return Path.Combine(_root, key);
    }

    private async Task<T> ChangeAsync<T>(string key, Func<T> change, CancellationToken cancellationToken)
    {
        var number = (int)(Hashing.XxHash64.Compute(System.Text.Encoding.UTF8.GetBytes(key)) % LockCount);
        await _gates[number].WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(
                () => Translated(key, () =>
                {
                    RequirePresent();
                    using var held = FileLock.Acquire(Path.Combine(_root, LockDirectory, number.ToString("D2", null)));
                    return change();
                }),
                cancellationToken);
        }
        finally
        {
            _gates[number].Release();
        }
    }

    private byte[]? Read(string path)
    {
        using var file = OpenRead(path);
        if (file is null)
        {
            return null;
        }

        var content = new byte[file.Length];
        var read = file.Read(0, content);
        return read == content.Length ? content : throw new IOException($"{path}: read {read} of {content.Length} bytes");
    }

    // Null where there is no such object; a directory that other keys lie in is none.
    private IDiskFile? OpenRead(string path)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return _disk.OpenRead(path);
            }
            catch (IOException) when (!_disk.Exists(path) || Directory.Exists(path))
            {
                return null;
            }
            catch (IOException) when (attempt < 3)
            {
                // It may have appeared between the two looks.
            }
        }
    }

    private void Store(Action<IDiskFile> write, string path)
    {
        var temporary = TemporaryPath();
        try
        {
            using (var file = _disk.Create(temporary))
            {
                write(file);
                file.Sync();
            }

            Publish(temporary, path);
        }
        catch
        {
            Discard(temporary);
            throw;
        }
    }

    private void Discard(string temporary)
    {
        try
        {
            _disk.Delete(temporary);
        }
        catch (IOException)
        {
            // The failure that led here is the one to tell of; what is left is removed with the leftovers.
        }
    }

    private void Copy(string path, IDiskFile file, CancellationToken cancellationToken)
    {
        using var source = _disk.OpenRead(path);
        var buffer = new byte[CopySize];
        for (var offset = 0L; ;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var read = source.Read(offset, buffer);
            if (read == 0)
            {
                return;
            }

            file.Append(buffer.AsSpan(0, read));
            offset += read;
        }
    }

    private string TemporaryPath() =>
        Path.Combine(_root, TemporaryDirectory, $"{_instance}-{Interlocked.Increment(ref _temporaries)}");

    private void Publish(string temporary, string path)
    {
        var directory = Path.GetDirectoryName(path)!;
        for (var attempt = 0; ; attempt++)
        {
            _disk.CreateDirectory(directory);
            try
            {
                _disk.Rename(temporary, path);
                break;
            }
            catch (IOException) when (attempt < 10 && !_disk.Exists(directory))
            {
                // A deletion next door has just removed the directory as empty.
            }
        }

        _disk.SyncDirectory(directory);
    }

    private void RemoveEmpty(string directory)
    {
        while (directory.Length > _root.Length && _disk.Exists(directory) && _disk.List(directory).Count == 0)
        {
            try
            {
                // Not through the disk seam, whose deletion of directories includes what may have been put into them by now.
                Directory.Delete(directory);
            }
            catch (IOException)
            {
                return;
            }

            directory = Path.GetDirectoryName(directory)!;
        }
    }

    private IEnumerable<ObjectEntry> Walk(string directory, string prefix)
    {
        // Names in the order of keys: those of directories count with their slash.
        var names = new List<(string Name, DiskEntry Entry)>();
        foreach (var entry in Translated(directory, () => _disk.List(Path.Combine(_root, directory))))
        {
            if (directory.Length > 0 || !entry.Name.StartsWith('.'))
            {
                names.Add((entry.IsDirectory ? entry.Name + "/" : entry.Name, entry));
            }
        }

        names.Sort(static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        foreach (var (name, entry) in names)
        {
            var key = directory + name;
            if (entry.IsDirectory)
            {
                if (key.StartsWith(prefix, StringComparison.Ordinal) || prefix.StartsWith(key, StringComparison.Ordinal))
                {
                    foreach (var inner in Walk(key, prefix))
                    {
                        yield return inner;
                    }
                }
            }
            else if (key.StartsWith(prefix, StringComparison.Ordinal))
            {
                yield return new ObjectEntry(key, entry.Length, new DateTimeOffset(File.GetLastWriteTimeUtc(Path.Combine(_root, key))));
            }
        }
    }
}
