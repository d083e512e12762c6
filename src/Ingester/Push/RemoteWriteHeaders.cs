using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Deucalion.Ingester.Push;

/// <summary>Media type and encoding of a remote write request.</summary>
internal static class RemoteWriteHeaders
{
    /// <summary>Why the request's body cannot be understood (415), or null. Absent headers mean remote write 1.0 in a snappy block.</summary>
    public static string? Unsupported(IHeaderDictionary headers)
    {
        string? encoding = headers.ContentEncoding;
        if (!string.IsNullOrEmpty(encoding) && !encoding.Equals("snappy", StringComparison.OrdinalIgnoreCase))
        {
            return $"{encoding} encoding (compression) is not accepted by this server; only snappy is acceptable";
        }

        string? contentType = headers.ContentType;
        if (string.IsNullOrEmpty(contentType))
        {
            return null;
        }

        if (!MediaTypeHeaderValue.TryParse(contentType, out var media)
            || !media.MediaType.Equals("application/x-protobuf", StringComparison.OrdinalIgnoreCase))
        {
            return $"expected application/x-protobuf as the content type, got {contentType}";
        }

        foreach (var parameter in media.Parameters)
        {
            if (parameter.Name.Equals("proto", StringComparison.OrdinalIgnoreCase))
            {
                var proto = HeaderUtilities.RemoveQuotes(parameter.Value);
                if (!proto.Equals("prometheus.WriteRequest", StringComparison.Ordinal))
                {
                    return $"{proto} protobuf message is not accepted by this server; only prometheus.WriteRequest is acceptable";
                }
            }
        }

        return null;
    }
}
