using System.Net;
using Deucalion.Common.Wire;
using Deucalion.Testing.Processes;
using Deucalion.Testing.Wire;
using Microsoft.AspNetCore.Routing;
using Testing.Telemetry;
using Xunit;

namespace Deucalion.Common.Tests.Wire;

public sealed class WireTlsTests : IDisposable
{
    private const string Method = "/deucalion.v1.Test/Name";
    private const string ServerUsage = "1.3.6.1.5.5.7.3.1";
    private const string ClientUsage = "1.3.6.1.5.5.7.3.2";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TestCertificates _ours = new();
    private readonly TestCertificates _others = new();
    private readonly TestMeterFactory _meters = new();
    private readonly WireMetrics _metrics;

    public WireTlsTests()
    {
        _metrics = new WireMetrics(_meters);
    }

    public void Dispose()
    {
        _ours.Dispose();
        _others.Dispose();
        _meters.Dispose();
    }

    [Fact]
    public async Task ServerLearnsName_WhenBothAreOfOneAuthority() =>
        Assert.Equal("node-b", await CallAsync(_ours.Write("node-a"), _ours.Write("node-b")));

    [Fact]
    public async Task CallSucceeds_WhenCertificatesSayWhatTheyAreFor() =>
        Assert.Equal("node-b", await CallAsync(_ours.Write("node-a", usage: ServerUsage), _ours.Write("node-b", usage: ClientUsage)));

    [Fact]
    public async Task ServerRefuses_WhenClientShowsNoCertificate() =>
        await RefusedAsync(_ours.Write("node-a"), new WireTlsOptions { CaFile = _ours.CaFile });

    [Fact]
    public async Task ServerRefuses_WhenClientIsOfAnotherAuthority()
    {
        var client = _others.Write("node-b");
        await RefusedAsync(_ours.Write("node-a"), new WireTlsOptions { CertFile = client.CertFile, KeyFile = client.KeyFile, CaFile = _ours.CaFile });
    }

    [Fact]
    public async Task ServerRefuses_WhenClientCertificateHasExpired() =>
        await RefusedAsync(_ours.Write("node-a"), _ours.Write("node-b", validUntilDays: -1));

    [Fact]
    public async Task ServerRefuses_WhenCertificateIsNotForClients() =>
        await RefusedAsync(_ours.Write("node-a"), _ours.Write("node-b", usage: ServerUsage));

    [Fact]
    public async Task ClientRefuses_WhenServerIsOfAnotherAuthority()
    {
        var server = _others.Write("node-a");
        await RefusedAsync(new WireTlsOptions { CertFile = server.CertFile, KeyFile = server.KeyFile, CaFile = _ours.CaFile }, _ours.Write("node-b"));
    }

    [Fact]
    public async Task ClientRefuses_WhenServerCertificateHasExpired() =>
        await RefusedAsync(_ours.Write("node-a", validUntilDays: -1), _ours.Write("node-b"));

    [Fact]
    public async Task ClientRefuses_WhenServerIsNotNamed() =>
        await RefusedAsync(_ours.Write("node-a", ip: IPAddress.Parse("127.0.0.2")), _ours.Write("node-b"));

    [Fact]
    public async Task CallSucceeds_WhenServerIsNamedByHost()
    {
        Assert.Equal("node-b", await CallAsync(_ours.Write("node-a", IPAddress.Parse("127.0.0.2"), "localhost"), _ours.Write("node-b"), "localhost"));
        await Assert.ThrowsAsync<WireException>(() => CallAsync(_ours.Write("node-a", IPAddress.Parse("127.0.0.2"), "elsewhere"), _ours.Write("node-b"), "localhost"));
    }

    [Fact]
    public async Task CallFails_WhenOnlyOneSideHasTls()
    {
        await using var host = await WireHost.StartAsync(Map);
        using var tls = TestCertificates.Tls(_ours.Write("node-b"), _metrics);
        using var channel = new WireChannel(host.Address, new WireClientOptions { Tls = tls });
        Assert.Equal(WireStatus.Unavailable, (await Assert.ThrowsAsync<WireException>(async () => await channel.UnaryAsync(Method, default, Patience, default))).Status);

        using var serverTls = TestCertificates.Tls(_ours.Write("node-a"), _metrics);
        await using var secure = await WireHost.StartAsync(Map, tls: serverTls);
        using var plain = new WireChannel(secure.Address, new WireClientOptions());
        Assert.Equal(WireStatus.Unavailable, (await Assert.ThrowsAsync<WireException>(async () => await plain.UnaryAsync(Method, default, Patience, default))).Status);
    }

    [Fact]
    public async Task NewConnectionsUseNewFiles_AndOldOnesStay_WhenFilesChange()
    {
        using var server = TestCertificates.Tls(_ours.Write("node-a"), _metrics);
        await using var host = await WireHost.StartAsync(Map, tls: server);
        using var client = TestCertificates.Tls(_ours.Write("old-name"), _metrics);
        using var first = new WireChannel(host.Address, new WireClientOptions { Tls = client });
        Assert.Equal("old-name", await NameAsync(first));
        var files = _ours.Write("new-name");
        File.Move(files.KeyFile!, Path.ChangeExtension(files.KeyFile!, null).Replace("new-name", "old-name", StringComparison.Ordinal) + ".key", overwrite: true);
        File.Move(files.CertFile!, files.CertFile!.Replace("new-name", "old-name", StringComparison.Ordinal), overwrite: true);

        await Eventually.TrueAsync(async () =>
        {
            using var next = new WireChannel(host.Address, new WireClientOptions { Tls = client });
            return await NameAsync(next) == "new-name";
        }, Patience, static () => "the new certificate is not shown");

        Assert.Equal("old-name", await NameAsync(first));
    }

    [Fact]
    public async Task TrustFollowsFile_WhenAuthorityChanges()
    {
        var serverFiles = _ours.Write("node-a");
        var caFile = serverFiles.CertFile + ".ca";
        File.Copy(_others.CaFile, caFile);
        using var server = TestCertificates.Tls(
            new WireTlsOptions { CertFile = serverFiles.CertFile, KeyFile = serverFiles.KeyFile, CaFile = caFile, CheckEvery = TimeSpan.FromMilliseconds(50) }, _metrics);
        await using var host = await WireHost.StartAsync(Map, tls: server);
        using var client = TestCertificates.Tls(_ours.Write("node-b"), _metrics);
        using (var refused = new WireChannel(host.Address, new WireClientOptions { Tls = client }))
        {
            await Assert.ThrowsAsync<WireException>(() => NameAsync(refused));
        }

        // Two authorities in one file, as while one takes over from the other.
        File.WriteAllText(caFile, File.ReadAllText(_others.CaFile) + "\n" + File.ReadAllText(_ours.CaFile));
        using var channel = new WireChannel(host.Address, new WireClientOptions { Tls = client });
        await Eventually.TrueAsync(async () =>
        {
            try
            {
                return await NameAsync(channel) == "node-b";
            }
            catch (WireException)
            {
                return false;
            }
        }, Patience, static () => "the new authority is not trusted");
    }

    [Theory]
    [InlineData("no certificate at all")]
    [InlineData("")]
    [InlineData(null)]
    public async Task OldCertificateStaysInUse_WhenNewFileIsBroken(string? content)
    {
        var files = _ours.Write("node-a");
        using var server = TestCertificates.Tls(files, _metrics);
        await using var host = await WireHost.StartAsync(Map, tls: server);
        using var client = TestCertificates.Tls(_ours.Write("node-b"), _metrics);

        if (content is null)
        {
            File.Delete(files.CertFile!);
        }
        else
        {
            File.WriteAllText(files.CertFile!, content);
        }

        await Eventually.TrueAsync(() => Task.FromResult(_meters.Sum("deucalion_wire_certificate_reloads_total") > 1), Patience, static () => "the failure is not counted");
        using var channel = new WireChannel(host.Address, new WireClientOptions { Tls = client });
        Assert.Equal("node-b", await NameAsync(channel));
    }

    [Fact]
    public async Task NothingChanges_WhenOnlyTheCertificateWasReplacedYet()
    {
        var files = _ours.Write("node-a");
        var oldKey = File.ReadAllText(files.KeyFile!);
        using var server = TestCertificates.Tls(files, _metrics);
        await using var host = await WireHost.StartAsync(Map, tls: server);
        using var client = TestCertificates.Tls(_ours.Write("node-b"), _metrics);

        // The new certificate beside the old key.
        var newFiles = _ours.Write("node-x");
        File.WriteAllText(files.CertFile!, File.ReadAllText(newFiles.CertFile!));
        await Eventually.TrueAsync(() => Task.FromResult(_meters.Sum("deucalion_wire_certificate_reloads_total") > 1), Patience, static () => "the failure is not counted");
        Assert.Equal(oldKey, File.ReadAllText(files.KeyFile!));
        using var channel = new WireChannel(host.Address, new WireClientOptions { Tls = client });

        Assert.Equal("node-b", await NameAsync(channel));
    }

    [Fact]
    public void StartFails_WhenFilesCannotBeUsed()
    {
        var good = _ours.Write("node-a");
        Assert.Throws<InvalidDataException>(() => TestCertificates.Tls(new WireTlsOptions { CertFile = good.CertFile, CaFile = good.CaFile }, _metrics));
        Assert.Throws<InvalidDataException>(() => TestCertificates.Tls(new WireTlsOptions { CertFile = good.CertFile, KeyFile = good.KeyFile, CaFile = good.CaFile + ".absent" }, _metrics));
        Assert.Throws<InvalidDataException>(() => TestCertificates.Tls(new WireTlsOptions { CertFile = good.CertFile, KeyFile = good.KeyFile, CaFile = good.KeyFile! }, _metrics));
        Assert.Throws<InvalidDataException>(() => TestCertificates.Tls(new WireTlsOptions { CertFile = good.CertFile, KeyFile = _ours.Write("node-b").KeyFile, CaFile = good.CaFile }, _metrics));
    }

    private static void Map(IEndpointRouteBuilder endpoints) =>
        endpoints.MapWireUnary(Method, static (call, _, _) => ValueTask.FromResult<ReadOnlyMemory<byte>>(System.Text.Encoding.UTF8.GetBytes(call.ClientCertificateName ?? "none")));

    private static async Task<string> NameAsync(WireChannel channel) => System.Text.Encoding.UTF8.GetString((await channel.UnaryAsync(Method, default, Patience, default)).Span);

    private async Task<string> CallAsync(WireTlsOptions serverFiles, WireTlsOptions clientFiles, string host = "127.0.0.1")
    {
        using var server = TestCertificates.Tls(serverFiles, _metrics);
        await using var listening = await WireHost.StartAsync(Map, tls: server);
        using var client = TestCertificates.Tls(clientFiles, _metrics);
        using var channel = new WireChannel($"{host}:{listening.Port}", new WireClientOptions { Tls = client });
        return await NameAsync(channel);
    }

    private async Task RefusedAsync(WireTlsOptions serverFiles, WireTlsOptions clientFiles)
    {
        var failure = await Assert.ThrowsAsync<WireException>(() => CallAsync(serverFiles, clientFiles));

        Assert.Equal(WireStatus.Unavailable, failure.Status);
        Assert.True(_meters.Sum("deucalion_wire_refused_certificates_total") >= 1);
    }
}
