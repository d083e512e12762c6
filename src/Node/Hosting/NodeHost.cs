using System.Diagnostics.Metrics;
using System.Net;
using System.Runtime.InteropServices;
using Deucalion.Common.Contracts;
using Deucalion.Common.IO;
using Deucalion.Common.Manifests;
using Deucalion.Common.Objects;
using Deucalion.Common.Telemetry;
using Deucalion.Ingester;
using Deucalion.Node.Cli;
using Deucalion.Node.Configuration;
using Deucalion.Node.Http;
using Deucalion.Node.Page;
using Deucalion.Node.Roles;
using Deucalion.Node.Telemetry;
using Deucalion.Querier;
using Deucalion.Querier.Api;
using Deucalion.Replication.Coordination;

namespace Deucalion.Node.Hosting;

/// <summary>
/// The composition root: the only place that sees every role. Start: lock the data directory, listen (health and readiness answer at once), recover,
/// become ready, write own metrics. Stop: not ready, requests in flight finish, checkpoints, exit.
/// </summary>
internal static partial class NodeHost
{
    // Longer than a checkpoint of a full head takes; an orchestrator's own patience is usually 30 s to 60 s.
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(50);

    // As many as run at a time by default, and some that read blocks.
    private const int WaitingQueries = 32;

    /// <summary>Runs a node until it is told to stop; returns the process's exit code.</summary>
    public static async Task<int> RunAsync(ConfigSource source, NodeOptions options, bool salvage, CancellationToken cancellationToken)
    {
        // Queries wait for their threads on threads of the pool: these must not be what requests then wait for.
        ThreadPool.GetMinThreads(out var workers, out var ports);
        ThreadPool.SetMinThreads(Math.Max(workers, Environment.ProcessorCount + WaitingQueries), ports);
        using var meters = new MeterFactory();
        using var registry = new MetricsRegistry(meters);
        var builder = WebApplication.CreateSlimBuilder();
        var threshold = new LogThreshold(options.LogLevel);
        ConfigureHost(builder, options, threshold);
        AddServices(builder.Services, source, options, meters, registry);
        await using var app = builder.Build();
        app.Services.GetRequiredService<ReloadableSettings>().Changed += changed => threshold.Set(changed.LogLevel);
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Deucalion.Node.Node");
        try
        {
            using var dataLock = DataDirectory.Lock(options.DataPath);

            var disk = app.Services.GetRequiredService<QuotaDisk>();
            disk.Count(options.DataPath);
            app.Services.GetRequiredService<ReloadableSettings>().Changed += changed => disk.Limit = changed.DataLimit ?? long.MaxValue;

            // The lock says that nobody else writes here, so what looks unfinished is.
            app.Services.GetRequiredService<LocalObjectStore>().Recover();
            return await RunAsync(app, options, salvage, logger, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            // The message says what to do; where it came from helps only who reads the source.
            Log.Failed(logger, e.Message);
            Log.FailedWhere(logger, e);
            return 1;
        }
    }

    private static async Task<int> RunAsync(WebApplication app, NodeOptions options, bool salvage, ILogger logger, CancellationToken cancellationToken)
    {
        var services = app.Services;
        var readiness = services.GetRequiredService<Readiness>();
        var settings = services.GetRequiredService<ReloadableSettings>();
        var lifetime = app.Lifetime;
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(lifetime.ApplicationStopping, cancellationToken);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            settings.Reload();
        });
        _ = new ProcessMetrics(services.GetRequiredService<IMeterFactory>(), CommandLine.Version);
        _ = new DiskMetrics(services.GetRequiredService<IMeterFactory>(), services.GetRequiredService<QuotaDisk>(), options.DataPath);
        Map(app, options, readiness, settings);
        lifetime.ApplicationStopping.Register(readiness.Stopping);
        await app.StartAsync(cancellationToken);
        Log.Listening(logger, CommandLine.Version, string.Join(", ", app.Urls), Path.GetFullPath(options.DataPath), string.Join(",", options.Roles));

        var ingester = services.GetService<IngesterModule>();
        await using var compactor = options.Roles.Contains("compactor") ? CompactorWiring.Create(settings, services) : null;
        try
        {
            if (ingester is not null)
            {
                if (salvage)
                {
                    SalvageLog.Write(logger, ingester.Salvage());
                }

                await ingester.StartAsync(stopping.Token);
            }

            compactor?.Start();

            readiness.Ready();
            Log.Ready(logger);
            var scraping = ScrapeAsync(services, settings, options, ingester, stopping.Token);
            await Task.Delay(Timeout.InfiniteTimeSpan, stopping.Token).ContinueWith(static _ => { }, TaskScheduler.Default);
            await scraping;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Told to stop while starting.
        }

        readiness.Stopping();
        Log.Stopping(logger);
        using var patience = new CancellationTokenSource(StopPatience);
        await app.StopAsync(patience.Token);
        if (ingester is not null)
        {
            await ingester.StopAsync(patience.Token);
        }

        Log.Stopped(logger);
        return 0;
    }

    private static void ConfigureHost(WebApplicationBuilder builder, NodeOptions options, LogThreshold threshold)
    {
        builder.Logging.ClearProviders();
        builder.Logging.AddConsole(static console => console.FormatterName = LogfmtFormatter.FormatterName);
        builder.Logging.AddConsoleFormatter<LogfmtFormatter, Microsoft.Extensions.Logging.Console.ConsoleFormatterOptions>();
        builder.Logging.SetMinimumLevel(LogLevel.Debug);
        builder.Logging.AddFilter(threshold.Admits);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;

            // Endpoints bound their bodies themselves and answer in their own words.
            kestrel.Limits.MaxRequestBodySize = null;
            Listen(kestrel, options.HttpListen);
        });
        builder.Services.Configure<HostOptions>(static host => host.ShutdownTimeout = StopPatience);
    }

    private static void Listen(Microsoft.AspNetCore.Server.Kestrel.Core.KestrelServerOptions kestrel, string address)
    {
        var colon = address.LastIndexOf(':');
        var host = address[..colon].Trim('[', ']');
        var port = int.Parse(address[(colon + 1)..], System.Globalization.CultureInfo.InvariantCulture);
        if (host.Length == 0)
        {
            kestrel.ListenAnyIP(port);
        }
        else if (host == "localhost")
        {
            kestrel.ListenLocalhost(port);
        }
        else
        {
            kestrel.Listen(IPAddress.Parse(host), port);
        }
    }

    private static void AddServices(IServiceCollection services, ConfigSource source, NodeOptions options, MeterFactory meters, MetricsRegistry registry)
    {
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<IMeterFactory>(meters);
        services.AddSingleton(registry);
        services.AddSingleton<Readiness>();
        services.AddSingleton(p => new ReloadableSettings(source, options, p.GetRequiredService<TimeProvider>(), p.GetRequiredService<ILogger<ReloadableSettings>>()));
        services.AddSingleton(_ => new QuotaDisk(new LinuxDisk(), options.DataLimit ?? long.MaxValue));
        services.AddSingleton<IDisk>(static p => p.GetRequiredService<QuotaDisk>());
        services.AddSingleton(p => new LocalObjectStore(p.GetRequiredService<IDisk>(), Path.Combine(options.DataPath, "bucket")));
        services.AddSingleton<IObjectStore>(static p => p.GetRequiredService<LocalObjectStore>());
        services.AddSingleton<ManifestStore>();
        services.AddSingleton<IServerStatus, NodeStatus>();
        if (options.Roles.Contains("ingester"))
        {
            services.AddSingleton<ICoordinationStore>(p =>
            {
                var directory = Path.Combine(options.DataPath, "coordination");
                return new LocalFileStore(p.GetRequiredService<IDisk>(), directory, new FileStoreLock(directory), p.GetRequiredService<TimeProvider>(), TimeSpan.FromSeconds(1));
            });
            services.AddSingleton(p => IngesterWiring.Create(
                options,
                p.GetRequiredService<IDisk>(),
                p.GetRequiredService<IObjectStore>(),
                p.GetRequiredService<ICoordinationStore>(),
                NodeIdentity.LoadOrCreate(p.GetRequiredService<IDisk>(), Path.Combine(options.DataPath, "node-id")),
                p.GetRequiredService<TimeProvider>(),
                meters,
                p.GetRequiredService<ILoggerFactory>()));
            services.AddSingleton(static p => p.GetRequiredService<IngesterModule>().Distributor);
            services.AddSingleton(static p => p.GetRequiredService<IngesterModule>().HeadReads);
        }
        else
        {
            services.AddSingleton<IHeadReads, EmptyHeads>();
        }

        if (options.Roles.Contains("querier"))
        {
            services.AddQuerier(new QuerierOptions
            {
                LookbackDelta = options.QueryLookback,
                Timeout = options.QueryTimeout,
                MaxSamples = options.QueryMaxSamples,
                MaxBytes = options.QueryMaxBytes,
                MaxConcurrency = (int)options.QueryMaxConcurrent,
                Features = options.QueryFeatures,
                IndexHeaderPath = Path.Combine(options.DataPath, "index-headers"),
            });
        }
    }

    private static void Map(WebApplication app, NodeOptions options, Readiness readiness, ReloadableSettings settings)
    {
        app.UseReadyGate(readiness);
        app.MapHealth(readiness, settings);
        app.MapMetrics(app.Services.GetRequiredService<MetricsRegistry>());
        app.Services.GetService<IngesterModule>()?.Map(app);
        if (options.Roles.Contains("querier"))
        {
            app.MapQuerier();
            app.MapPage(new PageAssets(typeof(NodeHost).Assembly));
        }
    }

    private static async Task ScrapeAsync(IServiceProvider services, ReloadableSettings settings, NodeOptions options, IngesterModule? ingester, CancellationToken cancellationToken)
    {
        if (ingester is null)
        {
            return;
        }

        var scrape = new SelfScrape(
            services.GetRequiredService<MetricsRegistry>(),
            ingester.Distributor,
            services.GetRequiredService<TimeProvider>(),
            options.HttpListen,
            () => settings.Current.SelfScrape,
            () => settings.Current.SelfScrapeInterval,
            services.GetRequiredService<ILogger<SelfScrape>>());
        try
        {
            await scrape.RunAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The orderly end.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Deucalion {Version} listens on {Address}, data under {Data}, roles {Roles}")]
        public static partial void Listening(ILogger logger, string version, string address, string data, string roles);

        [LoggerMessage(2, LogLevel.Information, "Ready")]
        public static partial void Ready(ILogger logger);

        [LoggerMessage(3, LogLevel.Information, "Stopping")]
        public static partial void Stopping(ILogger logger);

        [LoggerMessage(4, LogLevel.Information, "Stopped")]
        public static partial void Stopped(ILogger logger);

        [LoggerMessage(5, LogLevel.Error, "The node cannot go on: {Reason}")]
        public static partial void Failed(ILogger logger, string reason);

        [LoggerMessage(6, LogLevel.Debug, "Where the failure came from")]
        public static partial void FailedWhere(ILogger logger, Exception exception);
    }
}
