using Amazon.S3;
using Amazon.S3.Model;
using Deucalion.Common.IO;

namespace Deucalion.Common.Objects.S3;

/// <summary>
/// Stores a long file in parts. Each request may be repeated; the object appears, or is replaced, when the last one succeeds. After a failure the parts are
/// given up; where even that fails they are left to the bucket's rule for unfinished uploads.
/// </summary>
internal sealed class S3Upload(AmazonS3Client client, S3Options options, RequestAttempts attempts)
{
    private const int MaxParts = 10_000;
    private static readonly TimeSpan AbortTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Stores the file under the key (with the prefix).</summary>
    public async Task StoreAsync(RequestCall call, IDiskFile file, CancellationToken cancellationToken)
    {
        // An answer to the last request may be lost, and the repetition then finds no upload any more: all is stored once more.
        for (var again = true; ; again = false)
        {
            var uploadId = await StartAsync(call, cancellationToken);
            try
            {
                var parts = await StorePartsAsync(call, uploadId, file, cancellationToken);
                await attempts.RepeatAsync(
                    call,
                    0,
                    token => client.CompleteMultipartUploadAsync(
                        new CompleteMultipartUploadRequest { BucketName = options.Bucket, Key = call.Key, UploadId = uploadId, PartETags = parts }, token),
                    cancellationToken);
                return;
            }
            catch (ObjectStoreException e) when (again && e.InnerException is AmazonS3Exception { ErrorCode: "NoSuchUpload" })
            {
                // Next round.
            }
            catch
            {
                await AbortAsync(call, uploadId);
                throw;
            }
        }
    }

    private async Task<string> StartAsync(RequestCall call, CancellationToken cancellationToken)
    {
        var request = new InitiateMultipartUploadRequest { BucketName = options.Bucket, Key = call.Key };
        (request.ServerSideEncryptionMethod, request.ServerSideEncryptionKeyManagementServiceKeyId) = S3ObjectStore.EncryptionOf(options);
        return (await attempts.RepeatAsync(call, 0, token => client.InitiateMultipartUploadAsync(request, token), cancellationToken)).UploadId;
    }

    private async Task<List<PartETag>> StorePartsAsync(RequestCall call, string uploadId, IDiskFile file, CancellationToken cancellationToken)
    {
        var length = file.Length;
        var partBytes = Math.Max(options.PartBytes, (length + MaxParts - 1) / MaxParts);
        var count = (int)((length + partBytes - 1) / partBytes);
        var parts = new PartETag[count];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.PartsAtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(Enumerable.Range(0, count), parallel, async (number, token) =>
        {
            var offset = number * partBytes;
            var bytes = Math.Min(partBytes, length - offset);
            var stored = await attempts.RepeatAsync(call, bytes, t => StorePartAsync(call, uploadId, number + 1, new FilePart(file, offset, bytes), t), token);
            parts[number] = new PartETag(number + 1, stored.ETag);
        });
        return [.. parts];
    }

    private Task<UploadPartResponse> StorePartAsync(RequestCall call, string uploadId, int number, FilePart part, CancellationToken cancellationToken) =>
        client.UploadPartAsync(
            new UploadPartRequest
            {
                BucketName = options.Bucket,
                Key = call.Key,
                UploadId = uploadId,
                PartNumber = number,
                PartSize = part.Length,
                InputStream = part,
                UseChunkEncoding = false,
            },
            cancellationToken);

    private async Task AbortAsync(RequestCall call, string uploadId)
    {
        try
        {
            // Also where the caller has cancelled.
            await attempts.OnceAsync(
                call,
                0,
                async token =>
                {
                    using var limit = CancellationTokenSource.CreateLinkedTokenSource(token);
                    limit.CancelAfter(AbortTimeout);
                    return await client.AbortMultipartUploadAsync(
                        new AbortMultipartUploadRequest { BucketName = options.Bucket, Key = call.Key, UploadId = uploadId }, limit.Token);
                },
                CancellationToken.None);
        }
        catch (ObjectStoreException)
        {
            // The failure that led here is the one to tell of.
        }
    }
}
