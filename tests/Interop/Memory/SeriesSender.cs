using Deucalion.Interop.Kit;
using Deucalion.Testing.RemoteWrite;
using Xunit;

namespace Deucalion.Interop.Memory;

/// <summary>Sends ranges of numbered series to a node, two requests at a time.</summary>
internal sealed class SeriesSender(NodeProcess node)
{
    private const int PerRequest = 2000;

    /// <summary>One sample each of the series [first, first + count).</summary>
    public async Task SendAsync(long first, long count, long time, string? tenant = null)
    {
        var ranges = Enumerable.Range(0, (int)((count + PerRequest - 1) / PerRequest)).Select(i => first + (i * (long)PerRequest));
        await Parallel.ForEachAsync(ranges, new ParallelOptions { MaxDegreeOfParallelism = 2 }, async (from, cancellationToken) =>
        {
            var request = new SeriesRequest();
            for (var i = from; i < Math.Min(from + PerRequest, first + count); i++)
            {
                request.Add(i, time, i);
            }

            using var content = new ByteArrayContent(request.ToSnappy());
            content.Headers.ContentType = new("application/x-protobuf");
            content.Headers.ContentEncoding.Add("snappy");
            using var message = new HttpRequestMessage(HttpMethod.Post, new Uri("/api/v1/push", UriKind.Relative)) { Content = content };
            if (tenant is not null)
            {
                message.Headers.Add("X-Scope-OrgID", tenant);
            }

            using var response = await node.Http.SendAsync(message, cancellationToken);
            Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(cancellationToken)}");
        });
    }
}
