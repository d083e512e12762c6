using Deucalion.Common.Wire;
using Deucalion.Ingester;
using Deucalion.Replication.Cluster;

namespace Deucalion.Node.Hosting;

/// <summary>The server for calls of other nodes: on an address of its own, so that nobody reaches the one through the other.</summary>
internal static class InternalServer
{
    /// <summary>Starts it. Disposing it ends all calls.</summary>
    public static async Task<WebApplication> StartAsync(
        string address, WireTls? tls, ClusterMember cluster, IngesterModule? ingester, IServiceProvider services, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(services.GetRequiredService<ILoggerFactory>());
        builder.Services.AddSingleton(services.GetRequiredService<TimeProvider>());
        builder.Services.AddSingleton(services.GetRequiredService<WireMetrics>());
        builder.Services.AddSingleton<IHostLifetime, UntilStopped>();
        builder.Services.AddWire(new WireServerOptions { NodeId = cluster.NodeId });
        builder.WebHost.ConfigureKestrel(kestrel => WireListener.Configure(kestrel, address, tls));
        builder.Services.Configure<HostOptions>(static host => host.ShutdownTimeout = TimeSpan.FromSeconds(5));
        var app = builder.Build();
        cluster.Map(app);
        ingester?.MapInternal(app);
        await app.StartAsync(cancellationToken);
        return app;
    }

    /// <summary>A signal that tells the process to stop does not end this server: other nodes need it until everything has been handed off.</summary>
    private sealed class UntilStopped : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
