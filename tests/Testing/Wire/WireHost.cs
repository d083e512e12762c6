using Deucalion.Common.Wire;
using Deucalion.Testing.Processes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Testing.Telemetry;

namespace Deucalion.Testing.Wire;

/// <summary>A server of calls on 127.0.0.1, with the methods that a test maps.</summary>
public sealed class WireHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private WireHost(WebApplication app, int port)
    {
        _app = app;
        Address = $"127.0.0.1:{port}";
        Port = port;
    }

    public string Address { get; }

    public int Port { get; }

    public TestMeterFactory Meters { get; private init; } = null!;

    public static async Task<WireHost> StartAsync(Action<IEndpointRouteBuilder> map, WireServerOptions? options = null, WireTls? tls = null, int? port = null)
    {
        var meters = new TestMeterFactory();
        var at = port ?? Ports.Free();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => WireListener.Configure(kestrel, $"127.0.0.1:{at}", tls));
        builder.Services.Configure<HostOptions>(static host => host.ShutdownTimeout = TimeSpan.FromSeconds(5));
        builder.Services.AddSingleton(new WireMetrics(meters));
        builder.Services.AddWire(options ?? new WireServerOptions());
        var app = builder.Build();
        map(app);
        await app.StartAsync();
        return new WireHost(app, at) { Meters = meters };
    }

    public async Task StopAsync() => await _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        Meters.Dispose();
    }
}
