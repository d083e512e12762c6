using System.Diagnostics.Metrics;
using Deucalion.Common.Actors;
using Deucalion.Common.IO;
using Deucalion.Common.Objects;
using Deucalion.Common.Wire;
using Deucalion.Ingester;
using Deucalion.Node.Cli;
using Deucalion.Node.Configuration;
using Deucalion.Replication.Cluster;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.Coordination.Bucket;
using Deucalion.Replication.Coordination.Etcd;
using Deucalion.Replication.Membership;

namespace Deucalion.Node.Hosting;

/// <summary>Settings of the node as its place in a cluster.</summary>
internal static class ClusterWiring
{
    /// <summary>What the cluster agrees through.</summary>
    public static ICoordinationStore Store(NodeOptions options, IServiceProvider services)
    {
        var time = services.GetRequiredService<TimeProvider>();
        if (options.CoordinationKind == CoordinationKind.Etcd)
        {
            return new EtcdStore(
                new EtcdStoreOptions
                {
                    Endpoints = options.EtcdEndpoints,
                    Username = OrNull(options.EtcdUsername),
                    Password = OrNull(options.EtcdPassword),
                    Tls = Tls("etcd", options.EtcdCertFile, options.EtcdKeyFile, options.EtcdCaFile, services),
                },
                time,
                new EtcdMetrics(services.GetRequiredService<IMeterFactory>()),
                services.GetRequiredService<WireMetrics>(),
                services.GetRequiredService<ILogger<EtcdStore>>());
        }

        if (options.CoordinationKind == CoordinationKind.Bucket)
        {
            return new BucketCoordinationStore(
                services.GetRequiredService<MeasuredObjectStore>().For("coordination"),
                new BucketStoreOptions(),
                new BucketCoordinationMetrics(services.GetRequiredService<IMeterFactory>()),
                time,
                services.GetRequiredService<ILogger<BucketCoordinationStore>>());
        }

        CarryOverWiring.RequireInUse(services.GetRequiredService<IDisk>(), options.CoordinationDirectory);
        return LocalStore(services.GetRequiredService<IDisk>(), options.CoordinationDirectory, time);
    }

    /// <summary>Local coordination in a directory.</summary>
    public static LocalFileStore LocalStore(IDisk disk, string directory, TimeProvider time) =>
        new(disk, directory, new FileStoreLock(directory), time, TimeSpan.FromSeconds(1));

    /// <summary>Certificates between nodes; null: none.</summary>
    public static WireTls? Tls(NodeOptions options, IServiceProvider services) =>
        Tls("cluster", options.ClusterCertFile, options.ClusterKeyFile, options.ClusterCaFile, services);

    /// <summary>This node as a member; nothing is sent or read yet.</summary>
    public static ClusterMember Member(NodeOptions options, string node, WireTls? tls, IServiceProvider services)
    {
        var time = services.GetRequiredService<TimeProvider>();
        var meters = services.GetRequiredService<IMeterFactory>();
        var loggers = services.GetRequiredService<ILoggerFactory>();
        return new ClusterMember(new ClusterMemberParts
        {
            Self = new NodeRecord(
                node,
                options.ClusterAdvertise.Length > 0 ? options.ClusterAdvertise : options.ClusterListen,
                options.HttpListen,
                options.ClusterZone,
                options.Roles,
                NodeState.Joining,
                ClusterProtocol.Newest,
                CommandLine.Version)
            {
                OldestProtocol = ClusterProtocol.Oldest,
            },
            Store = services.GetRequiredService<ICoordinationStore>(),
            PartitionsDirectory = Path.Combine(options.DataPath, IngesterModule.PartitionsDirectory),
            Disk = services.GetRequiredService<IDisk>(),
            Actors = new ActorSystem(time, new ActorMetrics(meters), loggers.CreateLogger<ActorSystem>()),
            Tls = tls,
            ReplaceAfter = options.ReplaceAfter,
            WireMetrics = services.GetRequiredService<WireMetrics>(),
            Time = time,
            Meters = meters,
            Loggers = loggers,
        });
    }

    private static WireTls? Tls(string purpose, string certificate, string key, string authorities, IServiceProvider services) => authorities.Length == 0
        ? null
        : new WireTls(
            services.GetRequiredService<IDisk>(),
            new WireTlsOptions { CertFile = OrNull(certificate), KeyFile = OrNull(key), CaFile = authorities, Purpose = purpose },
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<WireMetrics>(),
            services.GetRequiredService<ILogger<WireTls>>());

    private static string? OrNull(string text) => text.Length == 0 ? null : text;
}
