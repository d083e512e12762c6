using System.Runtime.CompilerServices;
using Deucalion.Common.Objects;

namespace Replication.Tests.Coordination.Bucket;

/// <summary>How a process is cut off from its object store.</summary>
public enum CutKind
{
    None,

    /// <summary>Requests fail at once, without effect.</summary>
    Fails,

    /// <summary>Requests stay without an answer until they are cancelled, without effect.</summary>
    Hangs,

    /// <summary>Writes take effect and fail: their answers are lost. Reads work.</summary>
    LosesAnswersOfWrites,
}

/// <summary>An object store that can be cut off, and that counts what is asked of it. Thread-safe.</summary>
public sealed class CutOffObjectStore(IObjectStore inner) : IObjectStore
{
    private int _requests;

    public CutKind Cut { get; set; }

    /// <summary>Makes conditional writes of certain keys, and reads after them, fail, although the writes take effect.</summary>
    public Func<string, bool>? FailAfter { get; set; }

    /// <summary>Requests so far, each as the service would count it.</summary>
    public int Requests => Volatile.Read(ref _requests);

    public async ValueTask PutAsync(string key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        await EnterAsync(cancellationToken);
        await inner.PutAsync(key, content, cancellationToken);
    }

    public async ValueTask PutFileAsync(string key, string path, CancellationToken cancellationToken)
    {
        await EnterAsync(cancellationToken);
        await inner.PutFileAsync(key, path, cancellationToken);
    }

    public async ValueTask<string?> PutIfAsync(string key, ReadOnlyMemory<byte> content, string? ifRevision, CancellationToken cancellationToken)
    {
        await EnterAsync(cancellationToken);
        var written = await inner.PutIfAsync(key, content, ifRevision, cancellationToken);
        return Cut == CutKind.LosesAnswersOfWrites || FailAfter?.Invoke(key) == true ? throw new ObjectStoreException("the answer is lost", null) : written;
    }

    public async ValueTask<StoredObject?> GetAsync(string key, CancellationToken cancellationToken)
    {
        await EnterAsync(cancellationToken);
        var stored = await inner.GetAsync(key, cancellationToken);
        return stored is not null && FailAfter?.Invoke(key) == true ? throw new ObjectStoreException("the answer is lost", null) : stored;
    }

    public async ValueTask<int> GetRangeAsync(string key, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        await EnterAsync(cancellationToken);
        return await inner.GetRangeAsync(key, offset, destination, cancellationToken);
    }

    public async IAsyncEnumerable<ObjectEntry> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await EnterAsync(cancellationToken);
        await foreach (var entry in inner.ListAsync(prefix, cancellationToken))
        {
            yield return entry;
        }
    }

    public async IAsyncEnumerable<ObjectRevision> ListRevisionsAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await EnterAsync(cancellationToken);
        await foreach (var revision in inner.ListRevisionsAsync(prefix, cancellationToken))
        {
            yield return revision;
        }
    }

    public async ValueTask DeleteAsync(string key, CancellationToken cancellationToken)
    {
        await EnterAsync(cancellationToken);
        await inner.DeleteAsync(key, cancellationToken);
    }

    public string? LocalPath(string key) => null;

    private async ValueTask EnterAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _requests);
        switch (Cut)
        {
            case CutKind.Fails:
                throw new ObjectStoreException("the bucket cannot be reached", null);
            case CutKind.Hangs:
                using (var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken))
                {
                    limit.CancelAfter(TimeSpan.FromSeconds(2));
                    await Task.Delay(Timeout.Infinite, limit.Token).ContinueWith(static _ => { }, TaskScheduler.Default);
                    cancellationToken.ThrowIfCancellationRequested();
                    throw new ObjectStoreException("no answer", null);
                }

            default:
                return;
        }
    }
}
