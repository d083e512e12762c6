using Deucalion.Common.IO;

namespace Deucalion.Replication.Coordination;

/// <summary>How the local store excludes other processes and learns that a lease holder died.</summary>
public interface IStoreLock
{
    /// <summary>Takes the named lock and waits for its holder. Short sections only.</summary>
    IDisposable Acquire(string name);

    /// <summary>Takes the named lock, or null while another holds it.</summary>
    IDisposable? TryAcquire(string name);

    /// <summary>Throws an <see cref="IOException"/> where the place that the locks are in is no longer there: what is read then says nothing about the store.</summary>
    void RequirePresent();
}

/// <summary>Locks of files in a local directory (flock): the kernel releases them when the process dies.</summary>
public sealed class FileStoreLock : IStoreLock
{
    private readonly string _directory;

    /// <summary>Locks in the directory, which is created where absent. A network file system is refused: its locks cannot be trusted.</summary>
    public FileStoreLock(string directory)
    {
        Directory.CreateDirectory(directory);
        if (FileLock.IsOnNetwork(directory))
        {
            throw new CoordinationException($"{directory} is on a network file system: the coordination store needs a local disk", null);
        }

        _directory = directory;

        // There from the first moment on, so that a directory without it is another one: moved away, not mounted, emptied.
        using var present = TryAcquire(LocalFileStore.LockName);
    }

    /// <inheritdoc/>
    public void RequirePresent()
    {
        if (!File.Exists(Path.Combine(_directory, LocalFileStore.LockName)))
        {
            throw new IOException($"{_directory} no longer holds {LocalFileStore.LockName}: was it moved away, unmounted or emptied? Nothing is concluded from what is there now");
        }
    }

    /// <inheritdoc/>
    public IDisposable Acquire(string name) => FileLock.Acquire(Path.Combine(_directory, name));

    /// <inheritdoc/>
    public IDisposable? TryAcquire(string name) => FileLock.TryAcquire(Path.Combine(_directory, name));
}

/// <summary>Locks within this process: for a store on a disk that no other process sees.</summary>
public sealed class ProcessStoreLock : IStoreLock
{
    private readonly Dictionary<string, SemaphoreSlim> _locks = [];

    /// <inheritdoc/>
    public void RequirePresent()
    {
        // Memory does not go away.
    }

    /// <inheritdoc/>
    public IDisposable Acquire(string name)
    {
        var held = Get(name);
        held.Wait();
        return new Holder(held);
    }

    /// <inheritdoc/>
    public IDisposable? TryAcquire(string name)
    {
        var held = Get(name);
        return held.Wait(0) ? new Holder(held) : null;
    }

    private SemaphoreSlim Get(string name)
    {
        lock (_locks)
        {
            if (!_locks.TryGetValue(name, out var held))
            {
                _locks.Add(name, held = new SemaphoreSlim(1));
            }

            return held;
        }
    }

    private sealed class Holder(SemaphoreSlim held) : IDisposable
    {
        private int _released;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _released, 1) == 0)
            {
                held.Release();
            }
        }
    }
}
