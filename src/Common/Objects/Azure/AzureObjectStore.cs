using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using Deucalion.Common.IO;

namespace Deucalion.Common.Objects.Azure;

/// <summary>
/// A container of Azure Blob Storage, or of a service that speaks its protocol. Requests that may be done twice are repeated while the failure may pass;
/// conditional writes are sent exactly once. A revision is the entity tag. Thread-safe.
/// </summary>
public sealed class AzureObjectStore : IObjectStore, IDisposable
{
    private readonly AzureOptions _options;
    private readonly IDisk _disk;
    private readonly AzureClient _client;
    private readonly RequestAttempts _attempts;

    /// <summary>A store; nothing is asked of the service yet. <paramref name="disk"/> is where files are read from that are stored.</summary>
    public AzureObjectStore(AzureOptions options, IDisk disk, ObjectStoreMetrics metrics, TimeProvider time)
    {
        if (options.Prefix.Length > 0 && (!options.Prefix.EndsWith('/') || !ObjectKey.IsValid(options.Prefix[..^1])))
        {
            throw new ArgumentException($"'{options.Prefix}' cannot be the beginning of keys: segments with / after each", nameof(options));
        }

        _options = options;
        _disk = disk;
        _client = new AzureClient(options, time);
        _attempts = new RequestAttempts(options.Limits, new AzureFailure(options), metrics, time, Random.Shared.NextDouble);
    }

    /// <inheritdoc/>
    public async ValueTask PutAsync(string key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var call = Call("put", key);
        await _attempts.RepeatAsync(call, content.Length, token => PutAsync(call, Body(content), [], token), cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask PutFileAsync(string key, string path, CancellationToken cancellationToken)
    {
        var call = Call("put_file", key);
        using var file = OpenRead(call, path);
        if (file.Length > _options.BlocksAbove)
        {
            await new AzureUpload(_client, _options, _attempts).StoreAsync(call, file, cancellationToken);
            return;
        }

        await _attempts.RepeatAsync(call, file.Length, token => PutAsync(call, AzureUpload.Body(file, 0, file.Length), [], token), cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<string?> PutIfAsync(string key, ReadOnlyMemory<byte> content, string? ifRevision, CancellationToken cancellationToken)
    {
        var call = Call("put_if", key);
        (string, string)[] condition = [ifRevision is null ? ("If-None-Match", "*") : ("If-Match", $"\"{ifRevision}\"")];
        return await _attempts.OnceAsync(call, content.Length, PutIfAsync, cancellationToken);

        async Task<string?> PutIfAsync(CancellationToken token)
        {
            try
            {
                return await PutAsync(call, Body(content), condition, token);
            }
            catch (AzureException e) when (e.IsRefusal)
            {
                return null;
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask<StoredObject?> GetAsync(string key, CancellationToken cancellationToken)
    {
        var call = Call("get", key);
        return await _attempts.RepeatAsync(call, 0, GetAsync, cancellationToken);

        async Task<StoredObject?> GetAsync(CancellationToken token)
        {
            try
            {
                using var response = await _client.SendAsync(HttpMethod.Get, AzureClient.Object(call.Key), null, [], token);
                return new StoredObject(await response.Content.ReadAsByteArrayAsync(token), Revision(response, call));
            }
            catch (AzureException e) when (e.IsMissing)
            {
                return null;
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask<int> GetRangeAsync(string key, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        var call = Call("get_range", key);

        // There are no ranges without bytes.
        (string, string)[] range = [("x-ms-range", string.Create(CultureInfo.InvariantCulture, $"bytes={offset}-{offset + Math.Max(destination.Length, 1) - 1}"))];
        return await _attempts.RepeatAsync(call, destination.Length, GetAsync, cancellationToken);

        async Task<int> GetAsync(CancellationToken token)
        {
            try
            {
                using var response = await _client.SendAsync(HttpMethod.Get, AzureClient.Object(call.Key), null, range, token);
                if (response.StatusCode == HttpStatusCode.PartialContent && response.Content.Headers.ContentLength == 0)
                {
                    // Behind the end, said otherwise than by 416.
                    return 0;
                }

                if (response.StatusCode != HttpStatusCode.PartialContent || response.Content.Headers.ContentRange is not { From: { } from, To: { } to } || from != offset)
                {
                    throw new ObjectStoreException($"{call.Operation} in container {_options.Container}, key {call.Key}: the store does not honour ranges; it cannot be used", null);
                }

                var length = (int)Math.Min(to - from + 1, destination.Length);
                await using var body = await response.Content.ReadAsStreamAsync(token);
                await body.ReadExactlyAsync(destination[..length], token);
                return length;
            }
            catch (AzureException e) when (e.Status == HttpStatusCode.RequestedRangeNotSatisfiable)
            {
                return 0;
            }
            catch (AzureException e) when (e.IsMissing)
            {
                throw new ObjectNotFoundException(key);
            }
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ObjectEntry> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var item in ItemsAsync(prefix, cancellationToken))
        {
            yield return new ObjectEntry(item.Key[_options.Prefix.Length..], item.Length, item.LastModified);
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ObjectRevision> ListRevisionsAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var item in ItemsAsync(prefix, cancellationToken))
        {
            yield return new ObjectRevision(item.Key[_options.Prefix.Length..], item.Tag);
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<string> ListFoldersAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var page in PagesAsync(prefix, "/", cancellationToken))
        {
            foreach (var folder in page.Folders)
            {
                var name = folder[(_options.Prefix.Length + prefix.Length)..^1];
                if (ObjectKey.IsValid(prefix + name))
                {
                    yield return name;
                }
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DeleteAsync(string key, CancellationToken cancellationToken)
    {
        var call = Call("delete", key);
        await _attempts.RepeatAsync(call, 0, DeleteAsync, cancellationToken);

        async Task<bool> DeleteAsync(CancellationToken token)
        {
            try
            {
                using var response = await _client.SendAsync(HttpMethod.Delete, AzureClient.Object(call.Key), null, [], token);
                return true;
            }
            catch (AzureException e) when (e.IsMissing)
            {
                return false;
            }
        }
    }

    /// <summary>None: the container is remote.</summary>
    public string? LocalPath(string key) => null;

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _client.Dispose();

    private static ReadOnlyMemoryContent Body(ReadOnlyMemory<byte> content)
    {
        var body = new ReadOnlyMemoryContent(content);
        body.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        return body;
    }

    private async Task<string> PutAsync(RequestCall call, HttpContent body, (string, string)[] condition, CancellationToken cancellationToken)
    {
        using var response = await _client.SendAsync(HttpMethod.Put, AzureClient.Object(call.Key), body, [("x-ms-blob-type", "BlockBlob"), .. condition], cancellationToken);
        return Revision(response, call);
    }

    private RequestCall Call(string operation, string key)
    {
        ObjectKey.Require(key);
        return new RequestCall(operation, _options.Prefix + key);
    }

    private string Revision(HttpResponseMessage response, RequestCall call) => response.Headers.ETag?.Tag.Trim('"') is { Length: > 0 } tag
        ? tag
        : throw new ObjectStoreException($"{call.Operation} in container {_options.Container}, key {call.Key}: the store tells no entity tag; it cannot be used", null);

    private IDiskFile OpenRead(RequestCall call, string path)
    {
        try
        {
            return _disk.OpenRead(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ObjectStoreException($"{call.Operation} in container {_options.Container}, key {call.Key}: {path} cannot be read: {e.Message}", e);
        }
    }

    // Keys that no store of ours can have written are passed over.
    private async IAsyncEnumerable<AzureItem> ItemsAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var page in PagesAsync(prefix, null, cancellationToken))
        {
            foreach (var item in page.Items)
            {
                if (ObjectKey.IsValid(item.Key[_options.Prefix.Length..]))
                {
                    yield return item;
                }
            }
        }
    }

    private async IAsyncEnumerable<AzurePage> PagesAsync(string prefix, string? delimiter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var call = new RequestCall("list", _options.Prefix + prefix);
        string? marker = null;
        do
        {
            var query = $"?restype=container&comp=list&maxresults={_options.PageSize}&prefix={Uri.EscapeDataString(call.Key)}"
                + (delimiter is null ? string.Empty : $"&delimiter={Uri.EscapeDataString(delimiter)}")
                + (marker is null ? string.Empty : $"&marker={Uri.EscapeDataString(marker)}");
            var page = await _attempts.RepeatAsync(call, 0, token => PageAsync(query, token), cancellationToken);
            yield return page;
            marker = page.Next;
        }
        while (marker is not null);
    }

    private async Task<AzurePage> PageAsync(string query, CancellationToken cancellationToken)
    {
        using var response = await _client.SendAsync(HttpMethod.Get, query, null, [], cancellationToken);
        return AzurePage.Parse(new MemoryStream(await response.Content.ReadAsByteArrayAsync(cancellationToken), writable: false));
    }
}
