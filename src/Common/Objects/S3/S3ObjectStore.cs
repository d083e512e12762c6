using System.Net;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Amazon.S3;
using Amazon.S3.Model;
using Deucalion.Common.IO;

namespace Deucalion.Common.Objects.S3;

/// <summary>
/// A bucket of S3 or of a compatible service. Requests that may be done twice are repeated while the failure may pass; conditional writes are sent exactly
/// once. A revision is the entity tag. Thread-safe.
/// </summary>
public sealed class S3ObjectStore : IObjectStore, IDisposable
{
    private readonly S3Options _options;
    private readonly IDisk _disk;
    private readonly AmazonS3Client _client;
    private readonly RequestAttempts _attempts;

    /// <summary>A store; nothing is asked of the service yet. <paramref name="disk"/> is where files are read from that are stored.</summary>
    public S3ObjectStore(S3Options options, IDisk disk, ObjectStoreMetrics metrics, TimeProvider time)
    {
        if (options.Prefix.Length > 0 && (!options.Prefix.EndsWith('/') || !ObjectKey.IsValid(options.Prefix[..^1])))
        {
            throw new ArgumentException($"'{options.Prefix}' cannot be the beginning of keys: segments with / after each", nameof(options));
        }

        _options = options;
        _disk = disk;
        _client = S3Client.Create(options);
        _attempts = new RequestAttempts(options.Limits, new S3Failure(options), metrics, time, Random.Shared.NextDouble);
    }

    /// <inheritdoc/>
    public async ValueTask PutAsync(string key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var call = Call("put", key);
        await _attempts.RepeatAsync(call, content.Length, token => _client.PutObjectAsync(Request(call, Body(content)), token), cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask PutFileAsync(string key, string path, CancellationToken cancellationToken)
    {
        var call = Call("put_file", key);
        using var file = OpenRead(call, path);
        if (file.Length > _options.MultipartAbove)
        {
            await new S3Upload(_client, _options, _attempts).StoreAsync(call, file, cancellationToken);
            return;
        }

        await _attempts.RepeatAsync(
            call, file.Length, token => _client.PutObjectAsync(Request(call, new FilePart(file, 0, file.Length)), token), cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<string?> PutIfAsync(string key, ReadOnlyMemory<byte> content, string? ifRevision, CancellationToken cancellationToken)
    {
        var call = Call("put_if", key);
        var request = Request(call, Body(content));
        if (ifRevision is null)
        {
            request.IfNoneMatch = "*";
        }
        else
        {
            // Without quotes: all services take that, and some compare the header with the tag as it stands.
            request.IfMatch = ifRevision;
        }

        return await _attempts.OnceAsync(call, content.Length, PutAsync, cancellationToken);

        async Task<string?> PutAsync(CancellationToken token)
        {
            try
            {
                return Revision((await _client.PutObjectAsync(request, token)).ETag, call);
            }
            catch (AmazonS3Exception e) when (S3Failure.IsRefusal(e))
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
                using var response = await _client.GetObjectAsync(new GetObjectRequest { BucketName = _options.Bucket, Key = call.Key }, token);
                return new StoredObject(await S3Body.ReadAsync(response, token), Revision(response.ETag, call));
            }
            catch (AmazonS3Exception e) when (S3Failure.IsMissing(e))
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
        var range = new ByteRange(offset, offset + Math.Max(destination.Length, 1) - 1);
        return await _attempts.RepeatAsync(call, destination.Length, GetAsync, cancellationToken);

        async Task<int> GetAsync(CancellationToken token)
        {
            try
            {
                using var response = await _client.GetObjectAsync(new GetObjectRequest { BucketName = _options.Bucket, Key = call.Key, ByteRange = range }, token);
                if (response.HttpStatusCode != HttpStatusCode.PartialContent || !response.ContentRange.StartsWith($"bytes {offset}-", StringComparison.Ordinal))
                {
                    throw new ObjectStoreException($"{call.Operation} in bucket {_options.Bucket}, key {call.Key}: the store does not honour ranges; it cannot be used", null);
                }

                return await S3Body.ReadAsync(response, destination, token);
            }
            catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
            {
                return 0;
            }
            catch (AmazonS3Exception e) when (S3Failure.IsMissing(e))
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
            yield return new ObjectEntry(item.Key[_options.Prefix.Length..], item.Size ?? 0, item.LastModified ?? default);
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ObjectRevision> ListRevisionsAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var item in ItemsAsync(prefix, cancellationToken))
        {
            yield return new ObjectRevision(item.Key[_options.Prefix.Length..], Revision(item.ETag, new RequestCall("list", item.Key)));
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<string> ListFoldersAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var page in PagesAsync(prefix, "/", cancellationToken))
        {
            foreach (var folder in page.CommonPrefixes ?? [])
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
                await _client.DeleteObjectAsync(new DeleteObjectRequest { BucketName = _options.Bucket, Key = call.Key }, token);
                return true;
            }
            catch (AmazonS3Exception e) when (S3Failure.IsMissing(e))
            {
                return false;
            }
        }
    }

    /// <summary>None: the bucket is remote.</summary>
    public string? LocalPath(string key) => null;

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _client.Dispose();

    internal static (ServerSideEncryptionMethod? Method, string? Key) EncryptionOf(S3Options options) => options.Encryption switch
    {
        S3Encryption.Aes256 => (ServerSideEncryptionMethod.AES256, null),
        S3Encryption.Kms => (ServerSideEncryptionMethod.AWSKMS, options.KmsKeyId),
        _ => (null, null),
    };

    private static MemoryStream Body(ReadOnlyMemory<byte> content) => MemoryMarshal.TryGetArray(content, out var array)
        ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false)
        : new MemoryStream(content.ToArray(), writable: false);

    private RequestCall Call(string operation, string key)
    {
        ObjectKey.Require(key);
        return new RequestCall(operation, _options.Prefix + key);
    }

    private string Revision(string? tag, RequestCall call) => tag is { Length: > 0 }
        ? tag.Trim('"')
        : throw new ObjectStoreException($"{call.Operation} in bucket {_options.Bucket}, key {call.Key}: the store tells no entity tag; it cannot be used", null);

    private PutObjectRequest Request(RequestCall call, Stream body)
    {
        // The body is signed as a whole: a cut or changed one is refused. Chunked signing is not known everywhere.
        var request = new PutObjectRequest { BucketName = _options.Bucket, Key = call.Key, InputStream = body, UseChunkEncoding = false };
        (request.ServerSideEncryptionMethod, request.ServerSideEncryptionKeyManagementServiceKeyId) = EncryptionOf(_options);
        return request;
    }

    private IDiskFile OpenRead(RequestCall call, string path)
    {
        try
        {
            return _disk.OpenRead(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ObjectStoreException($"{call.Operation} in bucket {_options.Bucket}, key {call.Key}: {path} cannot be read: {e.Message}", e);
        }
    }

    // Keys that no store of ours can have written (directory markers, for instance) are passed over.
    private async IAsyncEnumerable<S3Object> ItemsAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var page in PagesAsync(prefix, null, cancellationToken))
        {
            foreach (var item in page.S3Objects ?? [])
            {
                if (ObjectKey.IsValid(item.Key[_options.Prefix.Length..]))
                {
                    yield return item;
                }
            }
        }
    }

    private async IAsyncEnumerable<ListObjectsV2Response> PagesAsync(string prefix, string? delimiter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var call = new RequestCall("list", _options.Prefix + prefix);
        string? continuation = null;
        do
        {
            var request = new ListObjectsV2Request
            {
                BucketName = _options.Bucket,
                Prefix = call.Key,
                Delimiter = delimiter,
                ContinuationToken = continuation,
                MaxKeys = _options.PageSize,
            };
            var page = await _attempts.RepeatAsync(call, 0, token => _client.ListObjectsV2Async(request, token), cancellationToken);
            yield return page;
            continuation = page.IsTruncated == true ? page.NextContinuationToken : null;
        }
        while (continuation is not null);
    }
}
