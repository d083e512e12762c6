using Deucalion.Common.IO;

namespace Testing.Disk;

/// <summary>What a disk is asked to do; faults are injected by it.</summary>
public enum DiskOperation
{
    Create,
    Append,
    Sync,
    SetLength,
    Rename,
    Delete,
    SyncDirectory,
}

/// <summary>
/// A disk in memory that knows what has been synced. <see cref="Crash"/> drops, tears and reorders by seed everything after the last completed sync:
/// bytes (by sector, at any length), lengths, and creations, renames and deletions that no directory sync covers. Operations can be made to fail.
/// Thread-safe.
/// </summary>
public sealed class SimulatedDisk : IDisk
{
    private readonly object _gate = new();
    private readonly SimulatedDirectory _root = new();
    private readonly Random _random;
    private long _operations;
    private long _powerLossAt = long.MaxValue;
    private int _generation;

    public SimulatedDisk(int seed)
    {
        _random = new Random(seed);
    }

    /// <summary>The mutant that every crash test must catch: syncs of files do nothing.</summary>
    public bool IgnoresSyncs { get; set; }

    /// <summary>Bytes that all files together may have.</summary>
    public long Capacity { get; set; } = long.MaxValue;

    /// <summary>Asked before each operation; a returned exception is thrown instead.</summary>
    public Func<DiskOperation, string, IOException?>? Fault { get; set; }

    /// <summary>Changing operations so far.</summary>
    public long Operations => Volatile.Read(ref _operations);

    /// <summary>
    /// The power goes (or the process is killed) at the n-th changing operation from now on: it and all later ones fail without effect; an append may have
    /// got part of its way. <see cref="Crash"/> or <see cref="Kill"/> follows.
    /// </summary>
    public void LosePowerAfter(long operations)
    {
        lock (_gate)
        {
            _powerLossAt = _operations + operations;
        }
    }

    /// <summary>Whether the power has gone.</summary>
    public bool HasLostPower
    {
        get
        {
            lock (_gate)
            {
                return _operations >= _powerLossAt;
            }
        }
    }

    /// <summary>The disk as a new process finds it after the old one was killed: all that was written is still in the page cache. Open files are dead.</summary>
    public void Kill()
    {
        lock (_gate)
        {
            _generation++;
            _powerLossAt = long.MaxValue;
            Fault = null;
        }
    }

    /// <summary>The disk as it is found after a power loss. All open files are dead.</summary>
    public void Crash()
    {
        lock (_gate)
        {
            _generation++;
            _powerLossAt = long.MaxValue;
            Fault = null;
            _root.Crash(_random);
        }
    }

    /// <summary>Damages a byte of a file.</summary>
    public void Flip(string path, long offset)
    {
        lock (_gate)
        {
            File(path).Flip((int)offset);
        }
    }

    public IDiskFile Create(string path)
    {
        lock (_gate)
        {
            Enter(DiskOperation.Create, path);
            var (directory, name) = Parent(path);
            if (directory.Entries.ContainsKey(name))
            {
                throw new IOException($"{path} exists");
            }

            var content = new SimulatedContent();
            directory.Change((name, content));
            return new OpenFile(this, path, content, writable: true);
        }
    }

    public IDiskFile Open(string path) => OpenExisting(path, writable: true);

    public IDiskFile OpenRead(string path) => OpenExisting(path, writable: false);

    public bool Exists(string path)
    {
        lock (_gate)
        {
            return Find(path) is not null;
        }
    }

    public void Rename(string from, string to)
    {
        lock (_gate)
        {
            Enter(DiskOperation.Rename, from);
            var (source, sourceName) = Parent(from);
            var (target, targetName) = Parent(to);
            if (!source.Entries.TryGetValue(sourceName, out var node))
            {
                throw new FileNotFoundException($"{from} does not exist");
            }

            if (node is SimulatedDirectory && target.Entries.ContainsKey(targetName))
            {
                throw new IOException($"{to} exists");
            }

            if (source == target)
            {
                source.Change((sourceName, null), (targetName, node));
            }
            else
            {
                target.Change((targetName, node));
                source.Change((sourceName, null));
            }
        }
    }

    public void Delete(string path)
    {
        lock (_gate)
        {
            if (Find(path) is null)
            {
                return;
            }

            Enter(DiskOperation.Delete, path);
            var (directory, name) = Parent(path);
            directory.Change((name, null));
        }
    }

    public void DeleteDirectory(string path) => Delete(path);

    public void CreateDirectory(string path)
    {
        lock (_gate)
        {
            var current = _root;
            SimulatedDirectory? above = null;
            foreach (var name in Split(path))
            {
                if (!current.Entries.TryGetValue(name, out var next))
                {
                    above?.Sync();
                    above = null;
                    Enter(DiskOperation.Create, path);
                    next = new SimulatedDirectory();
                    current.Change((name, next));
                    Enter(DiskOperation.SyncDirectory, path);
                    current.Sync();
                }

                above = current;
                current = next as SimulatedDirectory ?? throw new IOException($"{path}: {name} is a file");
            }

            above?.Sync();
        }
    }

    public IReadOnlyList<DiskEntry> List(string directory)
    {
        lock (_gate)
        {
            return Find(directory) is SimulatedDirectory found
                ? [.. found.Entries.Select(static entry => new DiskEntry(entry.Key, entry.Value is SimulatedDirectory, (entry.Value as SimulatedContent)?.Length ?? 0))]
                : [];
        }
    }

    public void SyncDirectory(string directory)
    {
        lock (_gate)
        {
            Enter(DiskOperation.SyncDirectory, directory);
            (Find(directory) as SimulatedDirectory ?? throw new DirectoryNotFoundException($"{directory} does not exist")).Sync();
        }
    }

    public long FreeBytes(string directory)
    {
        lock (_gate)
        {
            return Capacity == long.MaxValue ? long.MaxValue : Math.Max(0, Capacity - Used(_root));
        }
    }

    private static long Used(SimulatedNode node) => node switch
    {
        SimulatedContent content => content.Length,
        SimulatedDirectory directory => directory.Entries.Values.Sum(Used),
        _ => 0,
    };

    private static string[] Split(string path) => path.Split('/', StringSplitOptions.RemoveEmptyEntries);

    private OpenFile OpenExisting(string path, bool writable)
    {
        lock (_gate)
        {
            return new OpenFile(this, path, File(path), writable);
        }
    }

    private SimulatedContent File(string path) => Find(path) as SimulatedContent ?? throw new FileNotFoundException($"{path} does not exist");

    private SimulatedNode? Find(string path)
    {
        SimulatedNode? current = _root;
        foreach (var name in Split(path))
        {
            current = (current as SimulatedDirectory)?.Entries.GetValueOrDefault(name);
        }

        return current;
    }

    private (SimulatedDirectory Directory, string Name) Parent(string path)
    {
        var directory = Path.GetDirectoryName(path)!;
        return (Find(directory) as SimulatedDirectory ?? throw new DirectoryNotFoundException($"{directory} does not exist"), Path.GetFileName(path));
    }

    /// <summary>Counts the operation and lets it fail if it shall.</summary>
    private void Enter(DiskOperation operation, string path)
    {
        if (++_operations >= _powerLossAt)
        {
            throw new IOException("the power is gone");
        }

        if (Fault?.Invoke(operation, path) is { } fault)
        {
            throw fault;
        }
    }

    private sealed class OpenFile(SimulatedDisk disk, string path, SimulatedContent content, bool writable) : IDiskFile
    {
        private readonly int _generation = disk._generation;
        private bool _disposed;

        public string Path => path;

        public long Length
        {
            get
            {
                lock (disk._gate)
                {
                    Check();
                    return content.Length;
                }
            }
        }

        public void Append(ReadOnlySpan<byte> bytes)
        {
            lock (disk._gate)
            {
                CheckWritable();
                try
                {
                    disk.Enter(DiskOperation.Append, path);
                }
                catch (IOException)
                {
                    content.Append(bytes[..disk._random.Next(bytes.Length + 1)]);
                    throw;
                }

                var free = disk.Capacity == long.MaxValue ? long.MaxValue : disk.Capacity - Used(disk._root);
                if (bytes.Length > free)
                {
                    content.Append(bytes[..(int)Math.Max(0, free)]);
                    throw new DiskFullException("the simulated disk is full", null);
                }

                content.Append(bytes);
            }
        }

        public void Sync()
        {
            lock (disk._gate)
            {
                Check();
                try
                {
                    disk.Enter(DiskOperation.Sync, path);
                }
                catch (IOException) when (disk._operations < disk._powerLossAt)
                {
                    content.FailSync();
                    throw;
                }

                if (!disk.IgnoresSyncs)
                {
                    content.Sync();
                }
            }
        }

        public int Read(long offset, Span<byte> destination)
        {
            lock (disk._gate)
            {
                Check();
                if (offset >= content.Length)
                {
                    return 0;
                }

                var bytes = content.Bytes[(int)offset..];
                var count = Math.Min(bytes.Length, destination.Length);
                bytes[..count].CopyTo(destination);
                return count;
            }
        }

        public void SetLength(long length)
        {
            lock (disk._gate)
            {
                CheckWritable();
                disk.Enter(DiskOperation.SetLength, path);
                content.SetLength((int)length);
            }
        }

        public void Dispose() => _disposed = true;

        private void Check()
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_generation != disk._generation)
            {
                throw new IOException($"{path} was open when the power went");
            }
        }

        private void CheckWritable()
        {
            Check();
            if (!writable)
            {
                throw new IOException($"{path} is open for reading");
            }
        }
    }
}
