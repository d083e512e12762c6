using System.Net;
using Deucalion.Testing.Processes;
using Deucalion.Testing.Wire;
using Xunit;

namespace Deucalion.Interop.Security;

/// <summary>Calls between nodes carry tenants in their messages: nobody but nodes may make them.</summary>
public sealed class InternalListenerTests : IDisposable
{
    private const string Operator = "Bearer secret-operator";

    private static readonly string[] Methods =
    [
        "/deucalion.v1.Ingester/Append", "/deucalion.v1.Ingester/Select", "/deucalion.v1.Ingester/Series", "/deucalion.v1.Ingester/LabelNames", "/deucalion.v1.Ingester/LabelValues",
        "/deucalion.v1.Ingester/Metadata", "/deucalion.v1.Ingester/Exemplars", "/deucalion.v1.Ingester/Status", "/deucalion.v1.Cluster/PushEntries", "/deucalion.v1.Cluster/Sync",
        "/deucalion.v1.Cluster/Report", "/deucalion.v1.Cluster/Command", "/deucalion.v1.Cluster/Status", "/deucalion.v1.Cluster/ForceElect", "/deucalion.v1.Replication/Messages",
        "/deucalion.v1.Replication/Checkpoint",
    ];

    private readonly TemporaryDirectory _directory = new();
    private readonly TestCertificates _ours = new();
    private readonly TestCertificates _others = new();

    public void Dispose()
    {
        _directory.Dispose();
        _ours.Dispose();
        _others.Dispose();
    }

    [Fact]
    public async Task TakesCallsOfNodesAlone_AndNoListenerServesWhatIsTheOthers()
    {
        var certificate = _ours.Write("node");
        var port = Ports.Free();
        await File.WriteAllTextAsync(_directory.Child("access.yml"), TestAccess.File([TestAccess.Token("operator", ["*"], TestAccess.AllRights)]));
        using var node = await SecuredNode.StartAsync(_directory, $"""
            auth:
              file: {_directory.Child("access.yml")}
            cluster:
              listen: 127.0.0.1:{port}
              replication_factor: 1
              tls:
                cert_file: {certificate.CertFile}
                key_file: {certificate.KeyFile}
                ca_file: {_ours.CaFile}
            telemetry:
              self_scrape: false
            """);
        foreach (var method in Methods)
        {
            // Whoever has the right to everything over HTTP still is no node.
            await RefusedAsync(TlsClient.Of(_ours.CaFile), $"https://127.0.0.1:{port}{method}");
            await RefusedAsync(TlsClient.Of(_ours.CaFile, _others.Write("stranger")), $"https://127.0.0.1:{port}{method}");
            await RefusedAsync(new SocketsHttpHandler(), $"http://127.0.0.1:{port}{method}");
            Assert.Equal(HttpStatusCode.NotFound, (await node.SendAsync("POST", method, Operator)).Status);
        }

        // The certificate of a node gets in, to calls and to nothing else.
        using var peer = new HttpClient(TlsClient.Of(_ours.CaFile, _ours.Write("peer")));
        foreach (var method in Methods)
        {
            using var answer = await SendAsync(peer, HttpMethod.Post, $"https://127.0.0.1:{port}{method}");
            Assert.NotEqual(HttpStatusCode.NotFound, answer.StatusCode);
        }

        foreach (var path in new[] { "/", "/config", "/metrics", "/api/v1/query?query=up", "/api/v1/push", "/debug/logs", "/-/healthy", "/api/v1/cluster/status" })
        {
            using var answer = await SendAsync(peer, HttpMethod.Get, $"https://127.0.0.1:{port}{path}");
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient http, HttpMethod method, string address)
    {
        using var request = new HttpRequestMessage(method, address) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Headers.TryAddWithoutValidation("Authorization", Operator);
        if (method == HttpMethod.Post)
        {
            // One empty message in gRPC's framing.
            request.Content = new ByteArrayContent(new byte[5]);
            request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/grpc");
        }

        return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    private static async Task RefusedAsync(SocketsHttpHandler handler, string address)
    {
        using var http = new HttpClient(handler);
        var failure = await Record.ExceptionAsync(() => SendAsync(http, HttpMethod.Post, address));
        Assert.True(failure is HttpRequestException, $"{address}: {failure?.Message ?? "was answered"}");
    }
}
