using System.Net;
using System.Text.Json;

namespace Deucalion.Node.Cli.Cluster;

/// <summary>Asks a running node over its HTTP API. Whatever goes wrong is a <see cref="ClusterCallException"/>.</summary>
internal sealed class ClusterClient : IDisposable
{
    /// <summary>Where a node listens unless told otherwise.</summary>
    public const string DefaultUrl = "http://127.0.0.1:9009";

    private const int ShownOfAnswer = 200;

    private readonly HttpClient _http;
    private readonly Uri _node;

    /// <summary>A client of the node at an address such as <see cref="DefaultUrl"/>, with or without a path before its API.</summary>
    /// <param name="node">The address.</param>
    /// <param name="path">What is asked for lies below this path of it, which ends with a slash.</param>
    /// <param name="connect">Makes the client for a base address, which waits twice as long as a node does for its coordinator, or longer.</param>
    public ClusterClient(Uri node, string path, Func<Uri, HttpClient> connect)
    {
        _node = node;
        _http = connect(new Uri($"{node.AbsoluteUri.TrimEnd('/')}/{path}"));
    }

    /// <summary>Reads an address; null where it is none.</summary>
    public static Uri? ParseUrl(string text) =>
        Uri.TryCreate(text.Contains("://", StringComparison.Ordinal) ? text : "http://" + text, UriKind.Absolute, out var url)
        && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps)
            ? url
            : null;

    /// <summary>The <c>data</c> of what the node tells under a name.</summary>
    public Task<JsonElement> GetAsync(string name, CancellationToken cancellationToken) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Get, name), cancellationToken);

    /// <summary>The same, read.</summary>
    public async Task<T> GetAsync<T>(string name, CancellationToken cancellationToken) => Read<T>(await GetAsync(name, cancellationToken));

    /// <summary>Gives a command with its fields and returns the <c>data</c> of the answer.</summary>
    public Task<JsonElement> PostAsync(string name, IEnumerable<(string Name, string Value)> fields, CancellationToken cancellationToken) => SendAsync(
        new HttpRequestMessage(HttpMethod.Post, name)
        {
            Content = new FormUrlEncodedContent(fields.Select(static field => KeyValuePair.Create(field.Name, field.Value))),
        },
        cancellationToken);

    /// <summary>Has the node delete what is under a name and returns the <c>data</c> of the answer.</summary>
    public Task<JsonElement> DeleteAsync(string name, CancellationToken cancellationToken) => SendAsync(new HttpRequestMessage(HttpMethod.Delete, name), cancellationToken);

    /// <summary>Reads what a node of another version may have written differently.</summary>
    public T Read<T>(JsonElement data)
    {
        try
        {
            return data.Deserialize<T>() ?? throw new JsonException("the data is null");
        }
        catch (JsonException exception)
        {
            throw new ClusterCallException(
                $"the answer of {_node} is not understood ({exception.Message}): the node may be of another version; --json shows the answer as it is", mayPass: false, exception);
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<JsonElement> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using (request)
        {
            try
            {
                using var response = await _http.SendAsync(request, cancellationToken);
                var body = await response.Content.ReadAsStringAsync(cancellationToken);
                return DataOf(body, response.StatusCode);
            }
            catch (HttpRequestException exception)
            {
                throw Unreachable(exception.Message, exception);
            }
            catch (TaskCanceledException exception) when (!cancellationToken.IsCancellationRequested)
            {
                throw Unreachable($"no answer within {_http.Timeout.TotalSeconds:0} s", exception);
            }
        }
    }

    private JsonElement DataOf(string body, HttpStatusCode status)
    {
        var answer = Parse(body);
        if (status == HttpStatusCode.OK && answer is { } good && good.TryGetProperty("data", out var data))
        {
            return data;
        }

        var mayPass = status is HttpStatusCode.ServiceUnavailable or HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout;
        if (answer is { } refused && refused.TryGetProperty("error", out var error))
        {
            throw new ClusterCallException(error + Hint(status), mayPass);
        }

        // A node of before, or one whose roles have no part in a cluster, knows nothing under the address.
        throw status == HttpStatusCode.NotFound
            ? new ClusterCallException($"the node at {_node} is not part of a cluster: cluster.listen makes it a member (docs/cluster.md)", mayPass: false)
            : new ClusterCallException($"{_node} answers {(int)status}: {Shown(body)}", mayPass);
    }

    private static string Hint(HttpStatusCode status) => status switch
    {
        HttpStatusCode.Unauthorized => " (--token-file, or --user and --password-file, show some)",
        HttpStatusCode.Forbidden => " (that takes the right admin for all tenants)",
        _ => string.Empty,
    };

    private ClusterCallException Unreachable(string why, Exception exception) => new(
        $"the node at {_node} cannot be reached: {why}. Is it running, and is this its http.listen? --url names another node", mayPass: true, exception);

    private static JsonElement? Parse(string body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Shown(string body)
    {
        var line = body.Trim().Split('\n')[0].TrimEnd();
        return line.Length == 0 ? "no text" : line[..Math.Min(line.Length, ShownOfAnswer)];
    }
}
