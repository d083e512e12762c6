using System.Collections;
using Deucalion.Common.Contracts;
using Deucalion.Common.Objects;
using Deucalion.Querier.Sources;
using Xunit;

namespace Deucalion.Querier.Tests.Api;

public sealed class ErrorAnswersTests
{
    public static TheoryData<Exception, string, string> Failures => new()
    {
        { new PartitionUnavailableException("partition 3 has no primary", null), "unavailable", "partition 3 has no primary" },
        { new MissingBlockException("block 01X is not shown"), "internal", "block 01X is not shown" },
        { new ObjectNotFoundException("t/01X/index"), "internal", "object t/01X/index does not exist" },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Fails_WhenAPartOfTheDataCannotBeRead(Exception failure, string type, string message)
    {
        var sources = SampleData.Service();
        sources.BeforeSelect = _ => throw failure;
        await using var host = await ApiHost.StartAsync(sources);
        var expected = (500, $"{{\"status\":\"error\",\"errorType\":\"{type}\",\"error\":\"expanding series: {message}\"}}");
        Assert.Equal(expected, await host.SendAsync("GET /api/v1/query?query=up"));
        Assert.Equal(expected, await host.SendAsync("POST /api/v1/query_range query=sum(up)&start=0&end=10&step=1"));
    }

    [Theory]
    [InlineData("identity")]
    [InlineData("gzip")]
    public async Task CutsTheConnection_WhenTheAnswerFailsHalfway(string encoding)
    {
        var sources = new MemorySources { Names = new NamesThatEnd(100_000) };
        await using var host = await ApiHost.StartAsync(sources);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => host.SendAsync("GET /api/v1/labels", ("Accept-Encoding", encoding)));
        sources.Names = null;
        Assert.Equal(200, (await host.SendAsync("GET /api/v1/labels")).Status);
    }

    [Fact]
    public async Task RefusesAForm_ThatIsTooLarge()
    {
        await using var host = await ApiHost.StartAsync(SampleData.Service());
        var (status, body) = await host.SendAsync($"POST /api/v1/series match[]=up&x={new string('a', 11 << 20)}");
        Assert.Equal((400, "{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":\"error parsing form values: http: POST too large\"}"), (status, body));
    }

    private sealed class NamesThatEnd(int after) : IReadOnlyList<string>
    {
        public int Count => 2 * after;

        public string this[int index] => index < after ? $"name_{index}" : throw new IOException("no more");

        public IEnumerator<string> GetEnumerator() => throw new NotSupportedException();

        IEnumerator IEnumerable.GetEnumerator() => throw new NotSupportedException();
    }
}
