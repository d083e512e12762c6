using System.Buffers.Binary;
using System.Net.Http.Headers;
using System.Text;
using Deucalion.Common.IO;

namespace Deucalion.Common.Objects.Azure;

/// <summary>
/// Stores a long file in blocks. Each request may be repeated; the object appears, or is replaced, when the list of blocks is stored. Blocks that no list
/// names are removed by the service after a week.
/// </summary>
internal sealed class AzureUpload(AzureClient client, AzureOptions options, RequestAttempts attempts)
{
    private const int MaxBlocks = 50_000;

    /// <summary>Stores the file under the key (with the prefix).</summary>
    public async Task StoreAsync(RequestCall call, IDiskFile file, CancellationToken cancellationToken)
    {
        var length = file.Length;
        var blockBytes = Math.Max(options.BlockBytes, (length + MaxBlocks - 1) / MaxBlocks);
        var count = (int)((length + blockBytes - 1) / blockBytes);

        // Names of its own, so that two uploads of one key do not mix their blocks.
        var upload = Guid.CreateVersion7().ToByteArray();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.BlocksAtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(Enumerable.Range(0, count), parallel, async (number, token) =>
        {
            var offset = number * blockBytes;
            var bytes = Math.Min(blockBytes, length - offset);
            var target = AzureClient.Object(call.Key, $"comp=block&blockid={Uri.EscapeDataString(Name(upload, number))}");
            await attempts.RepeatAsync(call, bytes, t => PutAsync(target, Body(file, offset, bytes), t), token);
        });
        var list = Encoding.UTF8.GetBytes(
            $"<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList>{string.Concat(Enumerable.Range(0, count).Select(x => $"<Latest>{Name(upload, x)}</Latest>"))}</BlockList>");
        await attempts.RepeatAsync(call, list.Length, t => PutAsync(AzureClient.Object(call.Key, "comp=blocklist"), new ByteArrayContent(list), t), cancellationToken);
    }

    /// <summary>A part of a file as a body.</summary>
    public static StreamContent Body(IDiskFile file, long offset, long length)
    {
        var content = new StreamContent(new FilePart(file, offset, length));
        content.Headers.ContentLength = length;
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        return content;
    }

    // All of one length, as the service wants them.
    private static string Name(byte[] upload, int number)
    {
        Span<byte> name = stackalloc byte[20];
        upload.CopyTo(name);
        BinaryPrimitives.WriteInt32BigEndian(name[16..], number);
        return Convert.ToBase64String(name);
    }

    private async Task<bool> PutAsync(string target, HttpContent body, CancellationToken cancellationToken)
    {
        using var response = await client.SendAsync(HttpMethod.Put, target, body, [], cancellationToken);
        return true;
    }
}
