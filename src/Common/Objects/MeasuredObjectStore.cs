using System.Runtime.CompilerServices;
using Deucalion.Common.IO;

namespace Deucalion.Common.Objects;

/// <summary>Counts and times what is asked of an object store, and by what part of the node. Disposing it disposes that store.</summary>
/// <param name="inner">The store.</param>
/// <param name="disk">Where files that are put lie.</param>
/// <param name="metrics">What counts.</param>
/// <param name="time">The clock.</param>
/// <param name="purpose">What it is asked for: <c>blocks</c>, <c>coordination</c>.</param>
public sealed class MeasuredObjectStore(IObjectStore inner, IDisk disk, ObjectStoreMetrics metrics, TimeProvider time, string purpose = "blocks") : IObjectStore, IDisposable
{
    /// <summary>The same store, counted for another purpose.</summary>
    public MeasuredObjectStore For(string otherPurpose) => new(inner, disk, metrics, time, otherPurpose);

    /// <inheritdoc/>
    public ValueTask PutAsync(string key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        Discard(RunAsync(
            "put",
            async () =>
            {
                await inner.PutAsync(key, content, cancellationToken);
                return content.Length;
            },
            static length => ("ok", length),
            cancellationToken));

    /// <inheritdoc/>
    public ValueTask PutFileAsync(string key, string path, CancellationToken cancellationToken) =>
        Discard(RunAsync(
            "put_file",
            async () =>
            {
                var length = LengthOf(path);
                await inner.PutFileAsync(key, path, cancellationToken);
                return length;
            },
            static length => ("ok", length),
            cancellationToken));

    /// <inheritdoc/>
    public ValueTask<string?> PutIfAsync(string key, ReadOnlyMemory<byte> content, string? ifRevision, CancellationToken cancellationToken) =>
        RunAsync(
            "put_if",
            () => inner.PutIfAsync(key, content, ifRevision, cancellationToken),
            revision => revision is null ? ("refused", 0) : ("ok", content.Length),
            cancellationToken);

    /// <inheritdoc/>
    public ValueTask<StoredObject?> GetAsync(string key, CancellationToken cancellationToken) =>
        RunAsync(
            "get",
            () => inner.GetAsync(key, cancellationToken),
            static stored => stored is null ? ("missing", 0) : ("ok", stored.Content.Length),
            cancellationToken);

    /// <inheritdoc/>
    public ValueTask<int> GetRangeAsync(string key, long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
        RunAsync("get_range", () => inner.GetRangeAsync(key, offset, destination, cancellationToken), static read => ("ok", read), cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<ObjectEntry> ListAsync(string prefix, CancellationToken cancellationToken) =>
        ListAsync(inner.ListAsync(prefix, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<ObjectRevision> ListRevisionsAsync(string prefix, CancellationToken cancellationToken) =>
        ListAsync(inner.ListRevisionsAsync(prefix, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<string> ListFoldersAsync(string prefix, CancellationToken cancellationToken) =>
        ListAsync(inner.ListFoldersAsync(prefix, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public ValueTask DeleteAsync(string key, CancellationToken cancellationToken) =>
        Discard(RunAsync(
            "delete",
            async () =>
            {
                await inner.DeleteAsync(key, cancellationToken);
                return true;
            },
            static _ => ("ok", 0),
            cancellationToken));

    /// <inheritdoc/>
    public string? LocalPath(string key) => inner.LocalPath(key);

    /// <inheritdoc/>
    public void Dispose() => (inner as IDisposable)?.Dispose();

    private static async ValueTask Discard<T>(ValueTask<T> task) => await task;

    private static string OutcomeOf(Exception e, CancellationToken cancellationToken) => e switch
    {
        ObjectNotFoundException => "missing",
        OperationCanceledException when cancellationToken.IsCancellationRequested => "cancelled",
        _ => "failed",
    };

    private long LengthOf(string path)
    {
        if (!disk.Exists(path))
        {
            return 0;
        }

        using var file = disk.OpenRead(path);
        return file.Length;
    }

    private async ValueTask<T> RunAsync<T>(string operation, Func<ValueTask<T>> run, Func<T, (string Outcome, long Bytes)> judge, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        try
        {
            var result = await run();
            var (outcome, bytes) = judge(result);
            metrics.Done(purpose, operation, outcome, time.GetElapsedTime(start), bytes);
            return result;
        }
        catch (Exception e)
        {
            metrics.Done(purpose, operation, OutcomeOf(e, cancellationToken), time.GetElapsedTime(start), 0);
            throw;
        }
    }

    // Only the time that the store takes counts, not that of whoever works on the entries.
    private async IAsyncEnumerable<T> ListAsync<T>(IAsyncEnumerable<T> entries, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var taken = TimeSpan.Zero;
        var outcome = "ok";
        await using var each = entries.GetAsyncEnumerator(cancellationToken);
        try
        {
            while (true)
            {
                var start = time.GetTimestamp();
                try
                {
                    if (!await each.MoveNextAsync())
                    {
                        break;
                    }
                }
                catch (Exception e)
                {
                    outcome = OutcomeOf(e, cancellationToken);
                    throw;
                }
                finally
                {
                    taken += time.GetElapsedTime(start);
                }

                yield return each.Current;
            }
        }
        finally
        {
            metrics.Done(purpose, "list", outcome, taken, 0);
        }
    }
}
