using System.Net;

namespace Deucalion.Testing.RemoteWrite;

/// <summary>Remote write of single requests.</summary>
public static class Pushing
{
    /// <summary>Sends a request and fails unless it is acknowledged.</summary>
    public static async Task PushAsync(HttpClient http, WriteRequestEncoder request, string path = "/api/v1/push")
    {
        using var content = Content(request.ToSnappy());
        using var response = await http.PostAsync(new Uri(path, UriKind.Relative), content);
        if (!response.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"{path} answered {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
        }
    }

    /// <summary>Sends a request of a tenant to a server, and tells how it was answered.</summary>
    public static async Task<HttpStatusCode> PushAsync(HttpClient http, Uri server, SeriesRequest request, string tenant)
    {
        using var content = Content(request.ToSnappy());
        using var message = new HttpRequestMessage(HttpMethod.Post, new Uri(server, "/api/v1/push")) { Content = content };
        message.Headers.Add("X-Scope-OrgID", tenant);
        using var response = await http.SendAsync(message);
        return response.StatusCode;
    }

    /// <summary>Sends a request of remote write 2.0; the caller disposes the answer.</summary>
    public static async Task<HttpResponseMessage> PushAsync(HttpClient http, WriteRequestV2Encoder request, string path = "/api/v1/push")
    {
        using var content = new ByteArrayContent(request.ToSnappy());
        content.Headers.TryAddWithoutValidation("Content-Type", "application/x-protobuf;proto=io.prometheus.write.v2.Request");
        content.Headers.ContentEncoding.Add("snappy");
        return await http.PostAsync(new Uri(path, UriKind.Relative), content);
    }

    private static ByteArrayContent Content(byte[] snappy)
    {
        var content = new ByteArrayContent(snappy);
        content.Headers.ContentType = new("application/x-protobuf");
        content.Headers.ContentEncoding.Add("snappy");
        return content;
    }
}
