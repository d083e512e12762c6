using System.Globalization;
using Amazon.S3.Model;

namespace Deucalion.Common.Objects.S3;

/// <summary>
/// Reads bodies of answers to their end. Their length may not have been told (a proxy may pass them on in pieces); where it was, less is <see cref="IOException"/>.
/// </summary>
internal static class S3Body
{
    private const int FirstSize = 4096;

    /// <summary>The whole object.</summary>
    public static async Task<byte[]> ReadAsync(GetObjectResponse response, CancellationToken cancellationToken)
    {
        // A length of zero may mean that none was told.
        var told = response.ContentLength;
        var content = new byte[told > 0 ? told : FirstSize];
        var length = 0;
        while (true)
        {
            var read = await response.ResponseStream.ReadAsync(content.AsMemory(length), cancellationToken);
            length += read;
            if (read == 0 && length < content.Length)
            {
                break;
            }

            if (length == content.Length)
            {
                if (told > 0)
                {
                    break;
                }

                Array.Resize(ref content, content.Length * 2);
            }
        }

        return length == content.Length ? content : told > 0 ? throw CutShort(length, told) : content[..length];
    }

    /// <summary>A part of an object, as the answer says how long it is; returns its length, at most the destination's.</summary>
    public static async Task<int> ReadAsync(GetObjectResponse response, Memory<byte> destination, CancellationToken cancellationToken)
    {
        var length = (int)Math.Min(LengthOf(response.ContentRange), destination.Length);
        var read = await response.ResponseStream.ReadAtLeastAsync(destination[..length], length, throwOnEndOfStream: false, cancellationToken);
        return read == length ? read : throw CutShort(read, length);
    }

    // As in "bytes 100-199/1000".
    private static long LengthOf(string contentRange)
    {
        var numbers = contentRange.AsSpan(contentRange.IndexOf(' ', StringComparison.Ordinal) + 1);
        var dash = numbers.IndexOf('-');
        var slash = numbers.IndexOf('/');
        return dash > 0 && slash > dash
            && long.TryParse(numbers[..dash], NumberStyles.None, CultureInfo.InvariantCulture, out var first)
            && long.TryParse(numbers[(dash + 1)..slash], NumberStyles.None, CultureInfo.InvariantCulture, out var last)
            && last >= first
            ? last - first + 1
            : throw new IOException($"the answer names the part \"{contentRange}\", which is none");
    }

    private static IOException CutShort(long length, long told) => new($"the answer ended after {length} of {told} bytes");
}
