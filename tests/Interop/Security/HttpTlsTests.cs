using System.Net;
using Deucalion.Interop.Kit;
using Deucalion.Testing.Processes;
using Deucalion.Testing.Wire;
using Xunit;

namespace Deucalion.Interop.Security;

public sealed class HttpTlsTests : IDisposable
{
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
    [Trait("Category", "slow")]
    public async Task SpeaksHttpsAlone_AndTakesOverChangedCertificates()
    {
        var server = _ours.Write("server");
        using var node = await SecuredNode.StartAsync(_directory, Configuration(server.CertFile!, server.KeyFile!), TlsClient.Of(_ours.CaFile), "https");
        await FailsAsync(new SocketsHttpHandler(), $"http://127.0.0.1:{node.Port}/ready");
        await FailsAsync(TlsClient.Of(_others.CaFile), $"https://127.0.0.1:{node.Port}/ready");

        // Files that cannot be used change nothing but a metric.
        await File.WriteAllTextAsync(server.KeyFile!, "no key");
        await Eventually.TrueAsync(
            async () => (await node.GetAsync("/metrics")).Body.Contains("deucalion_wire_certificate_reloads_total{purpose=\"http\",result=\"failure\"}", StringComparison.Ordinal),
            TimeSpan.FromSeconds(60),
            () => "the failure is counted; the log:\n" + node.Output);

        // A certificate of another authority takes its place: whoever believes that one alone gets in now.
        var next = _others.Write("server");
        File.Copy(next.CertFile!, server.CertFile!, overwrite: true);
        File.Copy(next.KeyFile!, server.KeyFile!, overwrite: true);
        using var http = new HttpClient(TlsClient.Of(_others.CaFile));
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    return (await http.GetAsync(new Uri($"https://127.0.0.1:{node.Port}/ready"))).StatusCode == HttpStatusCode.OK;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            },
            TimeSpan.FromSeconds(60),
            () => "the new certificate is shown; the log:\n" + node.Output);
    }

    [Fact]
    public async Task LetsNobodyInWithoutACertificate_WhereClientAuthoritiesAreGiven()
    {
        var server = _ours.Write("server");
        var client = _ours.Write("client");
        using var node = await SecuredNode.StartAsync(
            _directory, Configuration(server.CertFile!, server.KeyFile!) + $"    client_ca_file: {_ours.CaFile}\n", TlsClient.Of(_ours.CaFile, client), "https");
        var address = $"https://127.0.0.1:{node.Port}/-/healthy";
        await FailsAsync(TlsClient.Of(_ours.CaFile), address);
        await FailsAsync(TlsClient.Of(_ours.CaFile, _others.Write("stranger")), address);
        await FailsAsync(TlsClient.Of(_ours.CaFile, _ours.Write("late", validUntilDays: -1)), address);
        Assert.Equal(HttpStatusCode.OK, (await node.GetAsync("/-/healthy")).Status);

        // The program's own clients.
        string[] arguments = ["support-bundle", "--url", node.Address.ToString(), "--output", _directory.Child("bundle.tar.gz"), "--ca-file", _ours.CaFile];
        Assert.Equal(1, (await CommandRun.RunAsync(NodeProcess.Program, arguments)).ExitCode);
        var run = await CommandRun.DeucalionAsync([.. arguments, "--cert-file", client.CertFile!, "--key-file", client.KeyFile!]);
        Assert.Contains("written", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DoesNotStart_WhenAFileCannotBeUsed()
    {
        var server = _ours.Write("server");
        var config = _directory.Child("bad.yml");
        await File.WriteAllTextAsync(config, Configuration(server.CertFile!, server.CertFile!));
        var run = await CommandRun.RunAsync(NodeProcess.Program, "--config.file", config, "--data.path", _directory.Child("bad"), "--http.listen", $"127.0.0.1:{Ports.Free()}");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("certificates (", run.Output, StringComparison.Ordinal);

        await File.WriteAllTextAsync(_directory.Child("access.yml"), "tokens:\n  - name: x\n    hash: secret-itself\n    tenants: [a]\n    rights: [read]\n");
        await File.WriteAllTextAsync(config, $"auth:\n  file: {_directory.Child("access.yml")}\n");
        run = await CommandRun.RunAsync(NodeProcess.Program, "--config.file", config, "--data.path", _directory.Child("bad"), "--http.listen", $"127.0.0.1:{Ports.Free()}");
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("access.yml:3: bad value of key \\\"tokens[0].hash\\\"", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-itself", run.Output + run.Errors, StringComparison.Ordinal);
    }

    private static string Configuration(string certFile, string keyFile) => $"""
        telemetry:
          self_scrape: false
        http:
          tls:
            cert_file: {certFile}
            key_file: {keyFile}

        """;

    private static async Task FailsAsync(SocketsHttpHandler handler, string address)
    {
        using var http = new HttpClient(handler);
        var failure = await Record.ExceptionAsync(() => http.GetAsync(new Uri(address)));
        Assert.True(failure is HttpRequestException, $"{address}: {failure?.Message ?? "was answered"}");
    }
}
