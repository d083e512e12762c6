using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Deucalion.Cluster.Stores;

/// <summary>Makes a bucket, which the nodes expect to exist, with a request signed as AWS asks for (version 4).</summary>
internal static class BucketCreation
{
    private const string Region = "us-east-1";

    public static async Task CreateAsync(int port, string bucket, string accessKey, string secretKey)
    {
        var host = $"127.0.0.1:{port}";
        var time = DateTimeOffset.UtcNow.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var day = time[..8];
        var body = Hex(SHA256.HashData([]));
        var canonical = $"PUT\n/{bucket}\n\nhost:{host}\nx-amz-content-sha256:{body}\nx-amz-date:{time}\n\nhost;x-amz-content-sha256;x-amz-date\n{body}";
        var scope = $"{day}/{Region}/s3/aws4_request";
        var toSign = $"AWS4-HMAC-SHA256\n{time}\n{scope}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        var key = new[] { day, Region, "s3", "aws4_request" }.Aggregate(Encoding.UTF8.GetBytes("AWS4" + secretKey), Keyed);

        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Put, new Uri($"http://{host}/{bucket}"));
        request.Headers.Add("x-amz-date", time);
        request.Headers.Add("x-amz-content-sha256", body);
        request.Headers.TryAddWithoutValidation(
            "Authorization",
            $"AWS4-HMAC-SHA256 Credential={accessKey}/{scope}, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature={Hex(Keyed(key, toSign))}");
        using var response = await http.SendAsync(request);
        if (!response.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"creating the bucket was answered {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
        }
    }

    private static byte[] Keyed(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
