using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Deucalion.Ingester.Push;

/// <summary>Headers of remote write.</summary>
internal static class RemoteWriteHeaders
{
    private const string MessageV1 = "prometheus.WriteRequest";
    private const string MessageV2 = "io.prometheus.write.v2.Request";

    /// <summary>Why the request's body cannot be understood (415), or null. Absent headers mean remote write 1.0 in a snappy block.</summary>
    public static string? Unsupported(IHeaderDictionary headers, out bool isV2)
    {
        isV2 = false;
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
                isV2 = proto.Equals(MessageV2, StringComparison.Ordinal);
                if (!isV2 && !proto.Equals(MessageV1, StringComparison.Ordinal))
                {
                    return $"{proto} protobuf message is not accepted by this server; only {MessageV1} and {MessageV2} are acceptable";
                }
            }
        }

        return null;
    }

    /// <summary>Tells a sender of remote write 2.0 how much was stored.</summary>
    public static void Written(IHeaderDictionary headers, WrittenCounts written)
    {
        headers["X-Prometheus-Remote-Write-Samples-Written"] = written.Samples.ToString(CultureInfo.InvariantCulture);
        headers["X-Prometheus-Remote-Write-Histograms-Written"] = written.Histograms.ToString(CultureInfo.InvariantCulture);
        headers["X-Prometheus-Remote-Write-Exemplars-Written"] = written.Exemplars.ToString(CultureInfo.InvariantCulture);
    }
}

/// <summary>What a request has stored.</summary>
internal readonly record struct WrittenCounts(int Samples, int Histograms, int Exemplars);
