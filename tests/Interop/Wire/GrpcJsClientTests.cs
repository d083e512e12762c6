using Deucalion.Common.Telemetry;
using Deucalion.Common.Wire;
using Deucalion.Testing.Processes;
using Deucalion.Testing.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Deucalion.Interop.Wire;

/// <summary>Another implementation calls our server.</summary>
[Trait("Category", "slow")]
public sealed class GrpcJsClientTests
{
    private const string Prefix = "/deucalion.v1.Interop/";

    private static readonly string[] Cases = ["unary", "failure", "deadline", "unimplemented", "compressed", "stream", "failureAfterMessage", "cancel"];

    [Fact]
    public async Task EveryKindOfCallEndsAsItShould_WhenPlain() => await RunAsync(null, []);

    [Fact]
    public async Task EveryKindOfCallEndsAsItShould_WhenTlsIsMutual()
    {
        using var certificates = new TestCertificates();
        using var meters = new MeterFactory();
        using var tls = TestCertificates.Tls(certificates.Write("server"), new WireMetrics(meters));
        var client = certificates.Write("client");

        await RunAsync(tls, [certificates.CaFile, client.CertFile!, client.KeyFile!]);
    }

    private static async Task RunAsync(WireTls? tls, string[] clientCertificates)
    {
        var port = Ports.Free();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => WireListener.Configure(kestrel, $"127.0.0.1:{port}", tls));
        builder.Services.AddSingleton<System.Diagnostics.Metrics.IMeterFactory, MeterFactory>();
        builder.Services.AddWire(new WireServerOptions());
        await using var app = builder.Build();
        var cancelled = new TaskCompletionSource();
        Map(app, cancelled);
        await app.StartAsync(TestContext.Current.CancellationToken);
        using var client = GrpcJs.StartClient($"127.0.0.1:{port}", clientCertificates);

        var code = await client.WaitAsync(TimeSpan.FromMinutes(2));

        Assert.True(code == 0, client.Output);
        await Eventually.TrueAsync(
            () => Task.FromResult(Cases.All(name => client.Output.Contains($"passed {name}\n", StringComparison.Ordinal))), TimeSpan.FromSeconds(10), () => client.Output);
        await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        await app.StopAsync(TestContext.Current.CancellationToken);
    }

    private static void Map(IEndpointRouteBuilder endpoints, TaskCompletionSource cancelled)
    {
        var failure = new WireException(WireStatus.FailedPrecondition, "gr\u00FC\u00DFe \u2192 100 % \U0001F600");
        endpoints.MapWireUnary(Prefix + "Echo", static (_, request, _) => ValueTask.FromResult(request));
        endpoints.MapWireUnary(Prefix + "Fail", (_, _, _) => throw failure);
        endpoints.MapWireUnary(Prefix + "Never", static async (_, request, cancellationToken) =>
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return request;
        });
        endpoints.MapWireStream(Prefix + "Talk", static async (_, stream, cancellationToken) =>
        {
            while (await stream.ReceiveAsync(cancellationToken) is { } message)
            {
                using (message)
                {
                    await stream.SendAsync(message.Payload, cancellationToken);
                }
            }
        });
        endpoints.MapWireStream(Prefix + "Hold", async (_, stream, cancellationToken) =>
        {
            await stream.SendAsync("held"u8.ToArray(), cancellationToken);
            await using var registration = cancellationToken.Register(cancelled.SetResult);
            await Task.Delay(Timeout.Infinite, cancellationToken);
        });
        endpoints.MapWireStream(Prefix + "FailLater", async (_, stream, cancellationToken) =>
        {
            await stream.SendAsync("one"u8.ToArray(), cancellationToken);
            (await stream.ReceiveAsync(cancellationToken))?.Dispose();
            throw failure;
        });
    }
}
