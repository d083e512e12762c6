using System.Diagnostics.Metrics;
using System.Runtime.InteropServices;
using Deucalion.Common.Contracts;
using Deucalion.Common.IO;
using Deucalion.Common.Limits;
using Deucalion.Common.Manifests;
using Deucalion.Common.Objects;
using Deucalion.Common.Telemetry;
using Deucalion.Common.Wire;
using Deucalion.Ingester;
using Deucalion.Ingester.Partitions;
using Deucalion.Node.Cli;
using Deucalion.Node.Configuration;
using Deucalion.Node.Diagnostics;
using Deucalion.Node.Http;
using Deucalion.Node.Page;
using Deucalion.Node.Roles;
using Deucalion.Node.Security;
using Deucalion.Node.Telemetry;
using Deucalion.Querier;
using Deucalion.Querier.Api;
using Deucalion.Replication.Cluster;
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

    // Replicas that were on this node when it stopped are in sync again by then; more is the others' trouble.
    private static readonly TimeSpan CatchUpPatience = TimeSpan.FromMinutes(1);

    // A few polls of /ready by whatever is in front of the nodes.
    private static readonly TimeSpan NoticePatience = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan HandOffPatience = TimeSpan.FromSeconds(20);

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

            var limits = app.Services.GetRequiredService<ReloadableLimits>();
            app.Services.GetRequiredService<ReloadableSettings>().Changed += changed => limits.Replace(changed.Limits.ToLimits(changed));
            var disk = app.Services.GetRequiredService<QuotaDisk>();
            disk.Count(options.DataPath);
            app.Services.GetRequiredService<ReloadableSettings>().Changed += changed => disk.Limit = changed.DataLimit ?? long.MaxValue;

            var isBucketThere = await StoreWiring.PrepareBucketAsync(options, disk, app.Services.GetRequiredService<TimeProvider>(), logger, cancellationToken);
            if (options.Roles.Contains("ingester"))
            {
                await CarryOverWiring.RunAsync(options, app.Services, logger, cancellationToken);
            }

            if (isBucketThere)
            {
                await StoreWiring.RequireSharedAsync(options, app.Services, logger, cancellationToken);
            }

            return await RunAsync(app, options, salvage, logger, cancellationToken);
        }
        catch (ConfigurationException e)
        {
            Log.Failed(logger, e.Message);
            return 2;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException or InvalidDataException)
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

        // Certificates and credentials are read before anybody is let in: what is wrong with them ends the start.
        _ = services.GetRequiredService<HttpTls>();
        Map(app, options, readiness);
        var reload = services.GetRequiredService<NodeReload>();
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            reload.Run();
        });
        _ = new ProcessMetrics(services.GetRequiredService<IMeterFactory>(), CommandLine.Version);
        _ = new DiskMetrics(services.GetRequiredService<IMeterFactory>(), services.GetRequiredService<QuotaDisk>(), options.DataPath);
        _ = new ReloadMetrics(services.GetRequiredService<IMeterFactory>(), settings);
        lifetime.ApplicationStopping.Register(readiness.Stopping);
        await app.StartAsync(cancellationToken);
        Log.Listening(logger, CommandLine.Version, string.Join(", ", app.Urls), Path.GetFullPath(options.DataPath), string.Join(",", options.Roles));
        HttpWiring.Explain(logger, options);

        var ingester = services.GetService<IngesterModule>();
        var cluster = services.GetService<ClusterMember>();
        await using var calls = cluster is null
            ? null
            : await InternalServer.StartAsync(options.ClusterListen, services.GetRequiredService<ClusterTls>().Tls, cluster, ingester, services, cancellationToken);
        await using var compactor = options.Roles.Contains("compactor") ? CompactorWiring.Create(settings, services) : null;
        try
        {
            if (ingester is not null)
            {
                if (salvage)
                {
                    SalvageLog.Write(logger, ingester.Salvage());
                }

                if (cluster is not null)
                {
                    await cluster.JoinAsync(stopping.Token);
                }

                await ingester.StartAsync(stopping.Token);
            }

            compactor?.Start();
            if (cluster is not null && !await cluster.CatchUpAsync(CatchUpPatience, stopping.Token))
            {
                Log.Behind(logger, CatchUpPatience.TotalSeconds);
            }

            readiness.Ready();
            Log.Ready(logger);
            var scraping = Task.WhenAll(ScrapeAsync(services, settings, options, ingester, stopping.Token), WatchLimitsAsync(services, stopping.Token));
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
        if (cluster is not null)
        {
            await StandDownAsync(cluster, services.GetRequiredService<TimeProvider>(), patience.Token);
        }

        readiness.Close();
        await app.StopAsync(patience.Token);
        if (compactor is not null)
        {
            // Its leases are given back while there is still somebody to give them to.
            await compactor.DisposeAsync();
        }

        if (ingester is not null)
        {
            await ingester.StopAsync(patience.Token);
        }

        if (cluster is not null)
        {
            await cluster.DisposeAsync();
        }

        Log.Stopped(logger);
        return 0;
    }

    // What is in front of the nodes learns from /ready, others from the table, that this one goes; until then it serves on.
    private static async Task StandDownAsync(ClusterMember cluster, TimeProvider time, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(HandOffPatience);
        await Task.WhenAll(cluster.StandDownAsync(patience.Token), Task.Delay(NoticePatience, time, cancellationToken));
    }

    private static void ConfigureHost(WebApplicationBuilder builder, NodeOptions options, LogThreshold threshold)
    {
        builder.Logging.ClearProviders();
        builder.Logging.AddConsole(static console => console.FormatterName = LogfmtFormatter.FormatterName);
        builder.Logging.AddConsoleFormatter<LogfmtFormatter, Microsoft.Extensions.Logging.Console.ConsoleFormatterOptions>();
        builder.Services.AddSingleton<RecentLog>();
        builder.Services.AddSingleton<ILoggerProvider>(static p => p.GetRequiredService<RecentLog>());
        builder.Logging.SetMinimumLevel(LogLevel.Debug);
        builder.Logging.AddFilter(threshold.Admits);
        builder.WebHost.ConfigureKestrel(kestrel => HttpWiring.Listen(kestrel, options));
        builder.Services.Configure<HostOptions>(static host => host.ShutdownTimeout = StopPatience);
    }

    private static void AddServices(IServiceCollection services, ConfigSource source, NodeOptions options, MeterFactory meters, MetricsRegistry registry)
    {
        services.AddSingleton(ShiftedClock.OrSystem());
        services.AddSingleton<IMeterFactory>(meters);
        services.AddSingleton(registry);
        services.AddSingleton<Readiness>();
        services.AddSingleton(p => new ReloadableSettings(source, options, p.GetRequiredService<TimeProvider>(), p.GetRequiredService<ILogger<ReloadableSettings>>()));
        services.AddSingleton(p => new LimitsWatch(source, p.GetRequiredService<ReloadableSettings>(), p.GetRequiredService<TimeProvider>()));
        services.AddSingleton(new ReloadableLimits(options.Limits.ToLimits(options)));
        services.AddSingleton<ITenantLimits>(static p => p.GetRequiredService<ReloadableLimits>());
        services.AddSingleton(_ => new QuotaDisk(new LinuxDisk(), options.DataLimit ?? long.MaxValue));
        services.AddSingleton<IDisk>(static p => p.GetRequiredService<QuotaDisk>());
        services.AddSingleton(p => StoreWiring.CreateBucket(options, p.GetRequiredService<IDisk>(), meters, p.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IObjectStore>(static p => p.GetRequiredService<MeasuredObjectStore>());
        services.AddSingleton<ManifestStore>();
        services.AddSingleton<IServerStatus, NodeStatus>();
        services.AddSingleton<WireMetrics>();
        services.AddSingleton(p => HttpWiring.Tls(options, p));
        services.AddSingleton(static p => new NodeReload(p.GetRequiredService<ReloadableSettings>(), p.GetService<AccessStore>()));
        services.AddAccess(options);
        if (options.Roles.Contains("ingester") || options.Roles.Contains("compactor"))
        {
            services.AddSingleton(p => ClusterWiring.Store(options, p));
            services.AddSingleton(new NodeName(options.DataPath));
        }

        if (options.Roles.Contains("ingester"))
        {
            if (options.IsClustered)
            {
                services.AddSingleton(p => new ClusterTls(ClusterWiring.Tls(options, p)));
                services.AddSingleton(p => ClusterWiring.Member(
                    options, p.GetRequiredService<NodeName>().Of(p.GetRequiredService<IDisk>()), p.GetRequiredService<ClusterTls>().Tls, p));
            }

            services.AddSingleton(p => IngesterWiring.Create(
                options,
                p.GetRequiredService<ITenantLimits>(),
                p.GetRequiredService<IDisk>(),
                p.GetRequiredService<IObjectStore>(),
                p.GetRequiredService<ICoordinationStore>(),
                p.GetService<ClusterMember>(),
                p.GetRequiredService<NodeName>().Of(p.GetRequiredService<IDisk>()),
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
                MaxFuture = options.MaxFuture,
                ManifestMaxAge = options.Roles.Contains("ingester") ? new QuerierOptions().ManifestMaxAge : TimeSpan.Zero,
                IndexHeaderPath = Path.Combine(options.DataPath, "index-headers"),
            });
        }
    }

    private static void Map(WebApplication app, NodeOptions options, Readiness readiness)
    {
        app.UseRoutePrefix(options.RoutePrefix);
        app.UseRouting();
        app.UseAccess();
        app.UseReadyGate(readiness);
        app.MapHealth(readiness, app.Services.GetRequiredService<NodeReload>());
        app.MapStatusPages(app.Services.GetRequiredService<ReloadableSettings>());
        app.MapDebug(app.Services.GetRequiredService<RecentLog>(), app.Services.GetRequiredService<TimeProvider>());
        app.MapMetrics(app.Services.GetRequiredService<MetricsRegistry>());
        app.Services.GetService<IngesterModule>()?.Map(app);
        app.MapLimits(app.Services.GetRequiredService<ReloadableLimits>(), app.Services.GetRequiredService<ReloadableSettings>(), app.Services.GetService<IngesterModule>(), app.Services.GetRequiredService<ManifestStore>());
        app.MapTenantDeletion(app.Services.GetService<IngesterModule>());
        if (app.Services.GetService<ClusterMember>() is { } cluster)
        {
            app.MapCluster(
                cluster.Commands,
                (withDigests, cancellationToken) => app.Services.GetService<IngesterModule>()?.DescribeReplicasAsync(withDigests, cancellationToken) ?? Task.FromResult<IReadOnlyList<ReplicaDescription>>([]));
        }
        else
        {
            app.MapNoCluster(options.IsClustered);
        }

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

    private static async Task WatchLimitsAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        try
        {
            await services.GetRequiredService<LimitsWatch>().RunAsync(cancellationToken);
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

        [LoggerMessage(7, LogLevel.Warning, "After {Seconds} s the cluster does not count on this node in full; it serves all the same (deucalion cluster partitions shows what is missing)")]
        public static partial void Behind(ILogger logger, double seconds);
    }
}
