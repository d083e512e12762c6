using System.Collections.Concurrent;
using Deucalion.Common.Objects;
using Deucalion.Common.Tenants;
using Deucalion.Storage.Blocks;
using Deucalion.Storage.Index;

namespace Deucalion.Querier.Sources;

/// <summary>
/// The open blocks. A block is opened by the first query that needs it and closed when it is no longer listed or was not used for a while;
/// queries that still read it keep its files until they are done. Thread-safe.
/// </summary>
internal sealed class BlockStore : IDisposable
{
    private readonly ConcurrentDictionary<(TenantId Tenant, string Ulid), Entry> _open = new();
    private readonly IObjectStore _store;
    private readonly IndexHeaders? _headers;
    private readonly QuerierOptions _options;
    private readonly QuerierMetrics _metrics;
    private readonly TimeProvider _time;

    /// <summary>A store; without headers the indexes of remote blocks are read as they are.</summary>
    public BlockStore(IObjectStore store, IndexHeaders? headers, BlockCatalog catalog, QuerierOptions options, QuerierMetrics metrics, TimeProvider time)
    {
        _store = store;
        _headers = headers;
        _options = options;
        _metrics = metrics;
        _time = time;
        catalog.Refreshed += CloseUnused;
    }

    /// <summary>
    /// Runs <paramref name="use"/> with the open block; it must hold the block (by a selection) before it completes if it needs it longer.
    /// </summary>
    /// <exception cref="ObjectNotFoundException">An object of the block is not there.</exception>
    public async ValueTask<T> UseAsync<T>(TenantId tenant, string ulid, Func<BlockReader, ValueTask<T>> use, CancellationToken cancellationToken)
    {
        while (true)
        {
            var entry = _open.GetOrAdd((tenant, ulid), static (_, self) => new Entry(self._time.GetTimestamp()), this);
            entry.UsedAt = _time.GetTimestamp();
            BlockReader reader;
            try
            {
                reader = await entry.OpenAsync(() => OpenAsync(tenant, ulid)).WaitAsync(cancellationToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // The next query tries anew.
                _open.TryRemove(new((tenant, ulid), entry));
                if (e is ObjectDisposedException && entry.IsClosed)
                {
                    // Closed before anyone had opened it.
                    continue;
                }

                throw;
            }

            try
            {
                return await use(reader);
            }
            catch (ObjectDisposedException) when (entry.IsClosed)
            {
                // It was closed between lookup and use; it may be opened again.
            }
        }
    }

    public void Dispose()
    {
        foreach (var key in _open.Keys)
        {
            Close(key);
        }
    }

    private async Task<BlockReader> OpenAsync(TenantId tenant, string ulid)
    {
        try
        {
            // Shared by all who wait for the block, so none of them can cancel it.
            var reader = await BlockReader.OpenAsync(_store, $"{tenant}/{ulid}", _headers, CancellationToken.None);
            _metrics.OpenBlocks(1);
            return reader;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ObjectNotFoundException($"{tenant}/{ulid}");
        }
    }

    private void CloseUnused(TenantId tenant, BlockList list)
    {
        foreach (var (key, entry) in _open)
        {
            if ((key.Tenant == tenant && !list.Listed.Contains(key.Ulid)) || _time.GetElapsedTime(entry.UsedAt) > _options.BlockIdleTime)
            {
                Close(key);
            }
        }

        _headers?.Keep(tenant.Value, list.Listed.Contains);
    }

    private void Close((TenantId Tenant, string Ulid) key)
    {
        if (_open.TryRemove(key, out var entry))
        {
            entry.Close(() => _metrics.OpenBlocks(-1));
        }
    }

    private sealed class Entry(long usedAt)
    {
        private readonly Lock _lock = new();
        private Task<BlockReader>? _reader;
        private long _usedAt = usedAt;
        private bool _closed;

        public long UsedAt
        {
            get => Volatile.Read(ref _usedAt);
            set => Volatile.Write(ref _usedAt, value);
        }

        public bool IsClosed
        {
            get
            {
                lock (_lock)
                {
                    return _closed;
                }
            }
        }

        public Task<BlockReader> OpenAsync(Func<Task<BlockReader>> open)
        {
            lock (_lock)
            {
                return _reader ??= Task.Run(open);
            }
        }

        public void Close(Action closed)
        {
            Task<BlockReader>? reader;
            lock (_lock)
            {
                _closed = true;
                reader = _reader ??= Task.FromException<BlockReader>(new ObjectDisposedException(nameof(BlockStore)));
            }

            reader.ContinueWith(
                opened =>
                {
                    opened.Result.Dispose();
                    closed();
                },
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnRanToCompletion | TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
        }
    }
}
