using System.Net;
using Deucalion.Testing.Processes;
using Deucalion.Testing.Wire;
using Xunit;

namespace Deucalion.Interop.Security;

/// <summary>A real Prometheus writes and scrapes over mutual TLS, below a prefix, with tokens: what the documentation says of its configuration holds.</summary>
public sealed class SecuredSenderTests
{
    [Fact]
    [Trait("Category", "slow")]
    public async Task StoresWhatPrometheusSends_WithTokenCertificateAndPrefix()
    {
        using var directory = new TemporaryDirectory();
        using var certificates = new TestCertificates();
        var server = certificates.Write("server");
        var client = certificates.Write("client");
        await File.WriteAllTextAsync(directory.Child("access.yml"), TestAccess.File([
            TestAccess.Token("sender", ["team-a"], ["write"]), TestAccess.Token("reader", ["team-a", "team-b"], ["read"]), TestAccess.Token("scraper", ["*"], ["read"])]));
        await File.WriteAllTextAsync(directory.Child("sender"), "secret-sender\n");
        await File.WriteAllTextAsync(directory.Child("scraper"), "secret-scraper\n");
        using var node = await SecuredNode.StartAsync(
            directory,
            $"""
            http:
              external_url: https://example.org/metrics-store
              tls:
                cert_file: {server.CertFile}
                key_file: {server.KeyFile}
                client_ca_file: {certificates.CaFile}
            auth:
              file: {directory.Child("access.yml")}
            telemetry:
              self_scrape: false
            """,
            TlsClient.Of(certificates.CaFile, client),
            "https",
            "/metrics-store");
        var tls = $"tls_config: {{ca_file: {certificates.CaFile}, cert_file: {client.CertFile}, key_file: {client.KeyFile}}}";
        using var prometheus = await PrometheusProcess.StartAsync(directory.Child("prometheus"), _ => $$"""
            global: {scrape_interval: 1s, scrape_timeout: 1s}
            remote_write:
            - url: {{node.Address}}api/v1/push
              authorization: {credentials_file: {{directory.Child("sender")}}}
              {{tls}}
              queue_config: {batch_send_deadline: 1s}
            scrape_configs:
            - job_name: deucalion
              scheme: https
              metrics_path: /metrics-store/metrics
              authorization: {credentials_file: {{directory.Child("scraper")}}}
              {{tls}}
              static_configs: [{targets: ["127.0.0.1:{{node.Port}}"]}]
            """);
        const string Path = "api/v1/query?query=up%7Bjob%3D%22deucalion%22%7D%3D%3D1";
        await Eventually.TrueAsync(
            async () => (await node.GetAsync(Path, "Bearer secret-reader", "team-a")).Body.Contains("\"job\":\"deucalion\"", StringComparison.Ordinal),
            TimeSpan.FromMinutes(1),
            () => $"samples of the node's metrics have arrived; Prometheus:\n{prometheus.Output}\nthe node:\n{node.Output}");
        var other = await node.GetAsync(Path, "Bearer secret-reader", "team-b");
        Assert.Equal(HttpStatusCode.OK, other.Status);
        Assert.Contains("\"result\":[]", other.Body, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, (await node.GetAsync(Path, "Bearer secret-sender")).Status);
    }
}
