using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;

namespace Deucalion.Common.Tests.Wire;

/// <summary>Calls whose bytes a test makes itself.</summary>
internal static class RawCall
{
    private static readonly HttpClient Http = new();

    public static byte[] Frame(byte flag, byte[] payload)
    {
        var frame = new byte[5 + payload.Length];
        frame[0] = flag;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), payload.Length);
        payload.CopyTo(frame, 5);
        return frame;
    }

    public static Task<HttpResponseMessage> PostAsync(string address, string method, byte[] body, params (string Name, string Value)[] headers) =>
        PostAsync(address, method, body, "application/grpc", headers);

    public static async Task<HttpResponseMessage> PostAsync(string address, string method, byte[] body, string contentType, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://{address}{method}") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Content = new ByteArrayContent(body);
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await Http.SendAsync(request);
    }
}
