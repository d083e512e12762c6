using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Deucalion.Common.Hashing;
using Deucalion.Common.IO;

namespace Deucalion.Replication.Coordination;

/// <summary>
/// The coordination store of processes on one machine, also of a process alone: a file for each document, replaced atomically and durably under a
/// lock. Format: docs/formats/coordination.md. Calls do their I/O on the caller's thread; they are rare.
/// </summary>
public sealed class LocalFileStore : ICoordinationStore
{
    /// <summary>Name of the lock under which documents change.</summary>
    internal const string LockName = "store.lock";

    private const string DocumentSuffix = ".doc";
    private const string LeasePrefix = "leases/";
    private const int HeaderLength = 32;

    private readonly IDisk _disk;
    private readonly string _directory;
    private readonly IStoreLock _lock;
    private readonly TimeProvider _time;
    private readonly TimeSpan _poll;

    /// <summary>A store in a directory, which is created where absent. <paramref name="poll"/>: how often a watch looks for changes of other processes.</summary>
    public LocalFileStore(IDisk disk, string directory, IStoreLock storeLock, TimeProvider time, TimeSpan poll)
    {
        _disk = disk;
        _directory = directory;
        _lock = storeLock;
        _time = time;
        _poll = poll;
        Guard(() =>
        {
            disk.CreateDirectory(directory);
            SyncAll(directory);
            return true;
        });
    }

    private static ReadOnlySpan<byte> Magic => "DEUCDOC1"u8;

    /// <inheritdoc/>
    public ValueTask<CoordinationEntry?> GetAsync(string key, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var path = PathOf(key);
        return ValueTask.FromResult(Reading(() => Read(key, path)));
    }

    /// <inheritdoc/>
    public ValueTask<string?> PutIfAsync(string key, ReadOnlyMemory<byte> value, string? ifRevision, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var path = PathOf(key);
        return ValueTask.FromResult(Guard(() =>
        {
            using var held = _lock.Acquire(LockName);
            if (Read(key, path)?.Revision != ifRevision)
            {
                return null;
            }

            return Write(path, value.Span);
        }));
    }

    /// <inheritdoc/>
    public ValueTask<bool> DeleteIfAsync(string key, string ifRevision, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var path = PathOf(key);
        return ValueTask.FromResult(Guard(() =>
        {
            using var held = _lock.Acquire(LockName);
            if (Read(key, path)?.Revision != ifRevision)
            {
                return false;
            }

            _disk.Delete(path);
            _disk.SyncDirectory(Path.GetDirectoryName(path)!);
            return true;
        }));
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<CoordinationEntry>> ListAsync(string prefix, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult<IReadOnlyList<CoordinationEntry>>(Reading(() => List(prefix)));
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<CoordinationChange> WatchAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var known = new SortedDictionary<string, string>(StringComparer.Ordinal);
        using var timer = new PeriodicTimer(_poll, _time);
        do
        {
            var entries = await ListAsync(prefix, cancellationToken);
            var present = entries.Select(static entry => entry.Key).ToHashSet(StringComparer.Ordinal);
            foreach (var gone in known.Keys.Where(key => !present.Contains(key)).ToList())
            {
                known.Remove(gone);
                yield return new CoordinationChange(gone, null);
            }

            foreach (var entry in entries)
            {
                if (known.GetValueOrDefault(entry.Key) != entry.Revision)
                {
                    known[entry.Key] = entry.Revision;
                    yield return new CoordinationChange(entry.Key, entry);
                }
            }
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    /// <inheritdoc/>
    public ValueTask<ICoordinationLease?> TryAcquireLeaseAsync(string name, string owner, TimeSpan timeToLive, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var key = LeasePrefix + name;
        var path = PathOf(key);
        return ValueTask.FromResult<ICoordinationLease?>(Guard(() =>
        {
            // The lock is the lease; the document counts the holders and tells who it is. Both change under the store's lock: an observer, who
            // tries the lease's lock for a moment, neither is in the way nor sees one without the other.
            using var store = _lock.Acquire(LockName);
            if (_lock.TryAcquire(LockOf(name)) is not { } held)
            {
                return null;
            }

            try
            {
                var token = Read(key, path) is { } entry ? LeaseDocument.Parse(entry.Value.Span).Token + 1 : 1;
                Write(path, new LeaseDocument(owner, token).Serialize());
                return new LocalLease(name, token, held);
            }
            catch
            {
                held.Dispose();
                throw;
            }
        }));
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<LeaseSight>> LeasesAsync(string prefix, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult<IReadOnlyList<LeaseSight>>(Reading(() =>
        {
            using var store = _lock.Acquire(LockName);
            return List(LeasePrefix + prefix).ConvertAll(entry => SightOf(entry.Key[LeasePrefix.Length..], LeaseDocument.Parse(entry.Value.Span)));
        }));
    }

    private static string LockOf(string lease) => "lease." + lease.Replace('/', '.');

    private static byte[] Encode(ReadOnlySpan<byte> value, out string revision)
    {
        var bytes = new byte[HeaderLength + value.Length];
        Magic.CopyTo(bytes);
        RandomNumberGenerator.Fill(bytes.AsSpan(8, 16));
        value.CopyTo(bytes.AsSpan(HeaderLength));
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(24), value.Length);
        var crc = Crc32C.Append(Crc32C.Compute(bytes.AsSpan(0, 28)), value);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(28), crc);
        revision = Convert.ToHexStringLower(bytes.AsSpan(8, 16));
        return bytes;
    }

    /// <summary>
    /// A directory that has gone away is an error, not a store without documents: who believed that would take every partition for a new one. Looked for on both
    /// sides of what is read, since it may go, and come back, at any moment.
    /// </summary>
    private T Reading<T>(Func<T> read) => Guard(() =>
    {
        var found = read();
        _lock.RequirePresent();
        return found;
    });

    private T Guard<T>(Func<T> action)
    {
        try
        {
            _lock.RequirePresent();
            return action();
        }
        catch (IOException exception) when (exception is not CoordinationException)
        {
            throw new CoordinationException($"coordination store: {exception.Message}", exception);
        }
    }

    private string Write(string path, ReadOnlySpan<byte> value)
    {
        _disk.CreateDirectory(Path.GetDirectoryName(path)!);
        AtomicFile.Write(_disk, path, Encode(value, out var revision));
        return revision;
    }

    private LeaseSight SightOf(string name, LeaseDocument document)
    {
        using var free = _lock.TryAcquire(LockOf(name));
        return new LeaseSight(name, document.Owner, document.Token, free is null);
    }

    private string PathOf(string key)
    {
        CoordinationKey.Require(key);
        return Path.Combine(_directory, key + DocumentSuffix);
    }

    private CoordinationEntry? Read(string key, string path)
    {
        if (AtomicFile.Read(_disk, path) is not { } bytes)
        {
            return null;
        }

        if (bytes.Length < HeaderLength || !bytes.AsSpan().StartsWith(Magic)
            || BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(24)) != bytes.Length - HeaderLength
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(28))
                != Crc32C.Append(Crc32C.Compute(bytes.AsSpan(0, 28)), bytes.AsSpan(HeaderLength)))
        {
            throw new CoordinationException($"document {path} is damaged", null);
        }

        return new CoordinationEntry(key, bytes.AsMemory(HeaderLength), Convert.ToHexStringLower(bytes.AsSpan(8, 16)));
    }

    /// <summary>A document may have been written by a process that was killed before it synced the directory.</summary>
    private void SyncAll(string directory)
    {
        _disk.SyncDirectory(directory);
        foreach (var entry in _disk.List(directory))
        {
            if (entry.IsDirectory)
            {
                SyncAll(Path.Combine(directory, entry.Name));
            }
        }
    }

    private List<CoordinationEntry> List(string prefix)
    {
        var entries = new List<CoordinationEntry>();
        Collect(_directory, string.Empty, prefix, entries);
        entries.Sort(static (left, right) => string.CompareOrdinal(left.Key, right.Key));
        return entries;
    }

    private void Collect(string directory, string keyPrefix, string prefix, List<CoordinationEntry> entries)
    {
        foreach (var item in _disk.List(directory))
        {
            var path = Path.Combine(directory, item.Name);
            if (item.IsDirectory)
            {
                var below = keyPrefix + item.Name + "/";
                if (below.StartsWith(prefix, StringComparison.Ordinal) || prefix.StartsWith(below, StringComparison.Ordinal))
                {
                    Collect(path, below, prefix, entries);
                }

                continue;
            }

            if (!item.Name.EndsWith(DocumentSuffix, StringComparison.Ordinal))
            {
                continue;
            }

            var key = string.Concat(keyPrefix, item.Name.AsSpan(0, item.Name.Length - DocumentSuffix.Length));
            if (key.StartsWith(prefix, StringComparison.Ordinal) && Read(key, path) is { } entry)
            {
                entries.Add(entry);
            }
        }
    }

    private sealed class LocalLease(string name, long token, IDisposable held) : ICoordinationLease
    {
        private readonly CancellationTokenSource _lost = new();

        public string Name => name;

        public long FencingToken => token;

        public CancellationToken Lost => _lost.Token;

        public async ValueTask DisposeAsync()
        {
            held.Dispose();
            await _lost.CancelAsync();
        }
    }
}
