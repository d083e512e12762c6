using System.Globalization;
using System.Xml;
using System.Xml.Linq;

namespace Deucalion.Common.Objects.Azure;

/// <summary>Sends single requests to a container, signed; a failure that the service tells of is <see cref="AzureException"/>. Thread-safe.</summary>
internal sealed class AzureClient : IDisposable
{
    private const string ApiVersion = "2021-08-06";
    private const int LongestError = 64 << 10;

    // A connection that cannot be made is given up sooner than a request; new addresses of the service are found in time.
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);

    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        ConnectTimeout = ConnectTimeout,
        PooledConnectionLifetime = ConnectionLifetime,
        AllowAutoRedirect = false,
        UseCookies = false,
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    private readonly string _container;
    private readonly string _sas;
    private readonly AzureSignature? _signature;
    private readonly TimeProvider _time;

    /// <summary>A client; the key of the options is base 64.</summary>
    public AzureClient(AzureOptions options, TimeProvider time)
    {
        _container = options.ContainerAddress;
        _sas = options.SasToken?.TrimStart('?') ?? string.Empty;
        _signature = options.AccountKey is { } key ? new AzureSignature(options.Account, Convert.FromBase64String(key)) : null;
        _time = time;
    }

    /// <summary>Path and query of an object; the query, already escaped, may be empty.</summary>
    public static string Object(string key, string query = "") =>
        $"/{string.Join('/', key.Split('/').Select(Uri.EscapeDataString))}{(query.Length > 0 ? "?" : "")}{query}";

    /// <summary>
    /// Sends a request to a path below the container and returns the answer, of which only the headers have been read. Each call makes the request, and its
    /// body, anew.
    /// </summary>
    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string target, HttpContent? body, IEnumerable<(string Name, string Value)> headers, CancellationToken cancellationToken)
    {
        var separator = target.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        using var request = new HttpRequestMessage(method, new Uri(_sas.Length > 0 ? $"{_container}{target}{separator}{_sas}" : _container + target)) { Content = body };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        var sent = _time.GetUtcNow();
        request.Headers.TryAddWithoutValidation("x-ms-version", ApiVersion);
        request.Headers.TryAddWithoutValidation("x-ms-date", sent.ToString("R", CultureInfo.InvariantCulture));
        _signature?.Sign(request);
        var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            throw await FailureAsync(response, sent, cancellationToken);
        }
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _http.Dispose();

    private static async Task<AzureException> FailureAsync(HttpResponseMessage response, DateTimeOffset sent, CancellationToken cancellationToken)
    {
        var (code, message) = (First(response, "x-ms-error-code"), response.ReasonPhrase ?? string.Empty);
        try
        {
            // Not for ever: what answers may be something else than the service.
            await response.Content.LoadIntoBufferAsync(LongestError, cancellationToken);
            if (XDocument.Parse(await response.Content.ReadAsStringAsync(cancellationToken)).Root is { } error)
            {
                code = error.Element("Code")?.Value ?? code;
                message = error.Element("Message")?.Value.Split('\n')[0] ?? message;
            }
        }
        catch (Exception e) when (e is XmlException or HttpRequestException or IOException)
        {
            // Then the status has to do.
        }

        return new AzureException(response.StatusCode, code, message, First(response, "x-ms-request-id")) { Skew = sent - response.Headers.Date };
    }

    private static string First(HttpResponseMessage response, string header) =>
        response.Headers.TryGetValues(header, out var values) ? values.First() : string.Empty;
}
