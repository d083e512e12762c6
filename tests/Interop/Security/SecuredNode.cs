using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Deucalion.Interop.Kit;
using Deucalion.Testing.Processes;

namespace Deucalion.Interop.Security;

/// <summary>A node with files of its own for configuration and credentials, over HTTP or HTTPS, below a prefix or not.</summary>
internal sealed class SecuredNode : IDisposable
{
    private readonly ChildProcess _process;
    private readonly HttpClient _http;

    private SecuredNode(ChildProcess process, HttpClient http, int port)
    {
        _process = process;
        _http = http;
        Port = port;
    }

    public int Port { get; }

    /// <summary>Address with the prefix, with a slash at its end.</summary>
    public Uri Address => _http.BaseAddress!;

    public string Output => _process.Output;

    /// <summary>Starts a node and waits until it is ready. <paramref name="client"/> is disposed with it.</summary>
    public static async Task<SecuredNode> StartAsync(TemporaryDirectory directory, string configuration, HttpMessageHandler? client = null, string scheme = "http", string prefix = "")
    {
        var port = Ports.Free();
        var file = directory.Child("deucalion.yml");
        await File.WriteAllTextAsync(file, configuration);
        var node = new SecuredNode(
            new ChildProcess(NodeProcess.Program, ["--config.file", file, "--data.path", directory.Child("data"), "--http.listen", $"127.0.0.1:{port}"]),
            new HttpClient(client ?? new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri($"{scheme}://127.0.0.1:{port}{prefix}/"), Timeout = TimeSpan.FromMinutes(1) },
            port);
        try
        {
            await Eventually.TrueAsync(node.IsReadyAsync, TimeSpan.FromSeconds(90), () => $"the node is ready; its output:\n{node.Output}");
            return node;
        }
        catch
        {
            node.Dispose();
            throw;
        }
    }

    /// <summary>The hash of a token as the file of credentials has it.</summary>
    public static string Hash(string token) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    public static string Basic(string user, string password) => "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"));

    /// <summary>Sends a request; the path is taken below the prefix.</summary>
    public async Task<Answer> SendAsync(string method, string path, string? authorization = null, string? tenant = null, HttpContent? content = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(Address, path.TrimStart('/'))) { Content = content };
        if (authorization is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }

        if (tenant is not null)
        {
            request.Headers.TryAddWithoutValidation("X-Scope-OrgID", tenant);
        }

        using var response = await _http.SendAsync(request);
        return new Answer(response.StatusCode, Encoding.Latin1.GetString(await response.Content.ReadAsByteArrayAsync()), response.Headers, response.Content.Headers.ContentType?.MediaType ?? string.Empty);
    }

    public Task<Answer> GetAsync(string path, string? authorization = null, string? tenant = null) => SendAsync("GET", path, authorization, tenant);

    public void Signal(int signal) => _process.Signal(signal);

    public void Dispose()
    {
        _http.Dispose();
        _process.Dispose();
    }

    private async Task<bool> IsReadyAsync()
    {
        if (_process.HasExited)
        {
            throw new InvalidOperationException($"the node ended; its output:\n{Output}");
        }

        try
        {
            return (await GetAsync("ready")).Status == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    internal sealed record Answer(HttpStatusCode Status, string Body, HttpResponseHeaders Headers, string MediaType);
}
