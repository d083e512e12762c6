using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Deucalion.Common.Wire;
using Xunit;

namespace Deucalion.Node.Tests.Http;

/// <summary>What the endpoints of a cluster, as a node maps them, make of good and of bad requests.</summary>
public sealed class ClusterEndpointsTests : IAsyncLifetime
{
    private const string First = MappedCluster.First;
    private const string Second = MappedCluster.Second;
    private const string Nobody = "00000000000000000000000000000009";

    private readonly HttpClient _http = new();
    private MappedCluster _cluster = null!;

    public async ValueTask InitializeAsync() => _cluster = await MappedCluster.StartAsync();

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _cluster.DisposeAsync();
    }

    [Theory]
    [InlineData("drain", $"node={First}", $"kind=drain node={First}")]
    [InlineData("undrain", $"node={First}", $"kind=undrain node={First}")]
    [InlineData("move", $"partition=7&from={First}&to={Second}", $"kind=move node={First} to={Second} partition=7")]
    [InlineData("set", "rf=5&min_in_sync=4", "kind=set rf=5 minInSync=4")]
    [InlineData("set", "rf=5", "kind=set rf=5 minInSync=3")]
    [InlineData("set", "rf=3&partition=7", "kind=set partition=7 rf=3 minInSync=2")]
    [InlineData("DRAIN", $"node={First}", $"kind=drain node={First}")]
    public async Task HasTheCoordinatorDoIt_AndSaysWhatItSays(string verb, string form, string expected)
    {
        foreach (var inQuery in new[] { false, true })
        {
            using var answer = await PostAsync(verb, form, inQuery, 200);
            Assert.Equal("it is done", answer.RootElement.GetProperty("data").GetProperty("text").GetString());
            Assert.Equal(verb is "drain" or "DRAIN", answer.RootElement.GetProperty("data").TryGetProperty("left", out _));
            Assert.True(_cluster.Told.TryDequeue(out var told));
            Assert.Equal(expected, told);
        }
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("&accept_loss=true", true)]
    [InlineData("&accept_loss=1", true)]
    [InlineData("&accept_loss=T", true)]
    [InlineData("&accept_loss=false", false)]
    [InlineData("&accept_loss=0", false)]
    public async Task ForcesWithConsentToLoss_WhereThatIsSaid(string consent, bool accepts)
    {
        using var answer = await PostAsync("force-elect", $"partition=7&node={Second}{consent}", inQuery: false, 200);
        Assert.Equal(Second, answer.RootElement.GetProperty("data").GetProperty("primary").GetString());
        Assert.Equal([$"partition=7 acceptsLoss={accepts}"], _cluster.Told);
    }

    [Theory]
    [InlineData("set", "rf=5&min-in-sync=4", "min-in-sync is not known: this takes rf, min_in_sync, partition")]
    [InlineData("set", "RF=5", "RF is not known")]
    [InlineData("set", "", "rf is missing")]
    [InlineData("set", "rf=", "rf is missing")]
    [InlineData("set", "rf=many", "rf is no number: many")]
    [InlineData("set", "rf=-1", "rf is no number")]
    [InlineData("set", "rf=99999999999", "rf is no number")]
    [InlineData("set", "rf=0", "rf is from 1 to 9")]
    [InlineData("set", "rf=10", "rf is from 1 to 9")]
    [InlineData("set", "rf=3&min_in_sync=4", "min_in_sync is from 1 to rf")]
    [InlineData("set", "rf=3&rf=5", "rf is given more than once")]
    [InlineData("drain", $"node={First}&wait=true", "wait is not known: this takes node")]
    [InlineData("drain", "", "node is missing")]
    [InlineData("undrain", $"id={First}", "id is not known")]
    [InlineData("move", $"partition=7&from={First}", "to is missing")]
    [InlineData("move", $"partition=seven&from={First}&to={Second}", "partition is no number: seven")]
    [InlineData("force-elect", $"partition=7&node={Second}&accept_loss=yes", "accept_loss is neither true nor false: yes")]
    [InlineData("force-elect", $"partition=7&node={Second}&accept_loss=", "accept_loss is missing")]
    [InlineData("force-elect", $"partition=7&node={Second}&accept-loss=true", "accept-loss is not known: this takes partition, node, accept_loss")]
    [InlineData("force-elect", "partition=7&node=nobody", "'nobody' is no node id: 32 hexadecimal digits")]
    public async Task NamesTheParameter_WhenItIsWrong(string verb, string form, string expected)
    {
        foreach (var inQuery in new[] { false, true })
        {
            using var answer = await PostAsync(verb, form, inQuery, 400, "bad_data");
            Assert.Contains(expected, answer.RootElement.GetProperty("error").GetString(), StringComparison.Ordinal);
        }

        Assert.Empty(_cluster.Told);
    }

    [Fact]
    public async Task NamesTheParameter_WhenQueryAndFormHaveIt()
    {
        using var answer = await PostAsync($"drain?node={First}", $"node={Second}", inQuery: false, 400, "bad_data");
        Assert.Contains("node is given more than once", answer.RootElement.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("application/json", """{"rf":5}""", "a body of type application/json is not read")]
    [InlineData("multipart/form-data", "rf=5", "the form cannot be read")]
    [InlineData("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"rf\"\r\n\r\n5", "the form cannot be read")]
    [InlineData("application/x-www-form-urlencoded", null, "the form cannot be read")]
    public async Task SaysThatTheBodyIsNoForm(string type, string? body, string expected)
    {
        // More fields than a form may have.
        body ??= string.Join('&', Enumerable.Range(0, 2000).Select(static i => $"f{i}=1"));
        using var content = new StringContent(body, Encoding.UTF8);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        using var response = await _http.PostAsync($"{_cluster.Url}/api/v1/cluster/set?rf=3", content, TestContext.Current.CancellationToken);
        using var answer = await ReadAsync(response, 400, "bad_data");
        Assert.Contains(expected, answer.RootElement.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Empty(_cluster.Told);
    }

    [Fact]
    public async Task NamesWhereNodesAreListed_WhenThereIsNoSuchNode()
    {
        using var answer = await PostAsync("force-elect", $"partition=7&node={Nobody}", inQuery: false, 404, "not_found");
        Assert.Equal($"there is no node '{Nobody}': 'deucalion cluster nodes' lists them", answer.RootElement.GetProperty("error").GetString());
        Assert.Empty(_cluster.Told);
    }

    [Theory]
    [InlineData(WireStatus.InvalidArgument, 400, "bad_data")]
    [InlineData(WireStatus.NotFound, 404, "not_found")]
    [InlineData(WireStatus.FailedPrecondition, 409, "conflict")]
    [InlineData(WireStatus.Aborted, 409, "conflict")]
    [InlineData(WireStatus.Unavailable, 503, "unavailable")]
    public async Task PassesOnWhatTheCoordinatorRefuses(WireStatus status, int expected, string type)
    {
        _cluster.Answer = () => throw new WireException(status, "because");
        using var answer = await PostAsync("drain", $"node={First}", inQuery: false, expected, type);
        Assert.Equal("because", answer.RootElement.GetProperty("error").GetString());
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("?digest=true", true)]
    [InlineData("?digest=1", true)]
    [InlineData("?digest=0", false)]
    public async Task ShowsDigests_WhereTheyAreAskedFor(string query, bool expected)
    {
        using var response = await _http.GetAsync($"{_cluster.Url}/prometheus/api/v1/cluster/partitions{query}", TestContext.Current.CancellationToken);
        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal([expected], _cluster.Digests);
        using var refused = await _http.GetAsync($"{_cluster.Url}/api/v1/cluster/partitions?digest=yes", TestContext.Current.CancellationToken);
        using var answer = await ReadAsync(refused, 400, "bad_data");
    }

    [Theory]
    [InlineData("GET", "/api/v1/cluster/drain", 405, "POST")]
    [InlineData("PUT", "/api/v1/cluster/set", 405, "POST")]
    [InlineData("DELETE", "/api/v1/cluster/force-elect", 405, "POST")]
    [InlineData("POST", "/api/v1/cluster/status", 405, "GET")]
    [InlineData("POST", "/prometheus/api/v1/cluster/nodes", 405, "GET")]
    [InlineData("POST", "/prometheus/api/v1/cluster/drain", 404, null)]
    [InlineData("GET", "/prometheus/api/v1/cluster/drain", 404, null)]
    [InlineData("POST", "/api/v1/cluster/drian", 404, null)]
    [InlineData("GET", "/api/v1/cluster/partitions/7", 404, null)]
    [InlineData("GET", "/api/v1/cluster/", 404, null)]
    [InlineData("GET", "/api/v1/cluster", 404, null)]
    public async Task AnswersInPrometheusShape_WhenItIsNeitherViewNorCommand(string method, string path, int expected, string? allow)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), _cluster.Url + path);
        using var response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        using var answer = await ReadAsync(response, expected, expected == 405 ? "bad_data" : "not_found");
        Assert.Equal(allow, response.Content.Headers.Allow.SingleOrDefault());
        Assert.Contains(allow is null ? "POST /api/v1/cluster/ with drain, undrain, move, set, force-elect" : $"takes {allow}, not {method}", answer.RootElement.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Empty(_cluster.Told);
    }

    private static async Task<JsonDocument> ReadAsync(HttpResponseMessage response, int status, string? errorType = null)
    {
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(status == (int)response.StatusCode, $"{(int)response.StatusCode}: {text}");
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        var answer = JsonDocument.Parse(text);
        Assert.Equal(errorType is null ? "success" : "error", answer.RootElement.GetProperty("status").GetString());
        Assert.Equal(errorType, answer.RootElement.TryGetProperty("errorType", out var type) ? type.GetString() : null);
        return answer;
    }

    private async Task<JsonDocument> PostAsync(string verb, string form, bool inQuery, int status, string? errorType = null)
    {
        using var content = inQuery ? null : new StringContent(form, Encoding.UTF8, "application/x-www-form-urlencoded");
        using var response = await _http.PostAsync($"{_cluster.Url}/api/v1/cluster/{verb}{(inQuery ? "?" + form : string.Empty)}", content, TestContext.Current.CancellationToken);
        return await ReadAsync(response, status, errorType);
    }
}
