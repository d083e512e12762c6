using System.CommandLine;
using System.Diagnostics.Metrics;
using Deucalion.Common.IO;
using Deucalion.Common.Objects;
using Deucalion.Common.Telemetry;
using Deucalion.Common.Wire;
using Deucalion.Node.Configuration;
using Deucalion.Node.Hosting;
using Deucalion.Replication.Coordination;
using Microsoft.Extensions.Logging.Abstractions;

namespace Deucalion.Node.Cli;

/// <summary><c>bucket inspect|recover</c>: looks at the bucket of a configuration, and makes it ready for new nodes after all old ones are lost.</summary>
internal static class BucketCommand
{
    /// <summary>The verb with its subcommands.</summary>
    public static Command Create() => new("bucket", "Looks at a bucket, and recovers a cluster whose disks are all lost from it.")
    {
        Create(
            "inspect",
            "Prints what each tenant has in the bucket, and whether all objects of its blocks are there; exits with 1 where one is not.",
            static (objects, _, output, cancellationToken) => new BucketInspection(objects).WriteAsync(output, cancellationToken)),
        Create(
            "recover",
            "Makes the bucket and the coordination store ready for new nodes when all old ones are lost with their disks: forgets the partitions and nodes that were. Refuses while a node is alive.",
            RecoverAsync),
    };

    private static Command Create(string name, string description, Func<IObjectStore, Services, TextWriter, CancellationToken, Task<bool>> run)
    {
        var config = new Option<string?>("--config.file") { Description = "Configuration file that names the bucket.", HelpName = "file" };
        var data = new Option<string?>("--data.path") { Description = "Data directory of the node that will be started [default: ./data].", HelpName = "directory" };
        var command = new Command(name, description) { config, data };
        command.SetAction((result, cancellationToken) => TsdbCommand.RunAsync(async output =>
        {
            var source = new ConfigSource(result.GetValue(config), new Dictionary<string, string?> { ["data.path"] = result.GetValue(data) });
            await using var services = new Services(source.Load());
            return await run(services.Bucket, services, output, cancellationToken);
        }));
        return command;
    }

    private static async Task<bool> RecoverAsync(IObjectStore objects, Services services, TextWriter output, CancellationToken cancellationToken)
    {
        using var dataLock = DataDirectory.Lock(services.Options.DataPath);
        await StoreWiring.PrepareBucketAsync(services.Options, services.Disk, TimeProvider.System, NullLogger.Instance, cancellationToken);
        var lost = new LostCluster(services.Coordination, TimeProvider.System);
        var partitions = await lost.PartitionsAsync(cancellationToken);
        if (OwnLog(services, partitions) is { } own)
        {
            await output.WriteLineAsync($"nothing is lost: {services.Options.DataPath} has a log of partition {own}; start this node instead");
            return false;
        }

        var alive = await lost.AliveAsync(cancellationToken);
        if (alive.Count > 0)
        {
            await output.WriteLineAsync($"a node is alive: {string.Join(", ", alive.Select(static x => $"{x.Owner} holds {x.Lease}"))}; stop all nodes first");
            return false;
        }

        var isWhole = await new BucketInspection(objects).WriteAsync(output, cancellationToken);
        var (entries, nodes) = await lost.ForgetAsync(cancellationToken);
        await output.WriteLineAsync($"{entries} partitions and {nodes} nodes are forgotten: start new nodes now");
        return isWhole;
    }

    /// <summary>A partition of which this data directory has a log that counts, or null.</summary>
    private static int? OwnLog(Services services, IReadOnlyList<(Common.Identifiers.PartitionId Partition, PartitionEntry Entry)> partitions)
    {
        var data = services.Options.DataPath;
        if (!services.Disk.Exists(Path.Combine(data, "node-id")) || services.Disk.List(Path.Combine(data, "journal")).Count == 0)
        {
            return null;
        }

        var self = new NodeName(data).Of(services.Disk);
        foreach (var (partition, entry) in partitions)
        {
            if (entry.InSync.Any(x => x.Node == self))
            {
                return partition.Value;
            }
        }

        return null;
    }

    /// <summary>The stores that a configuration names.</summary>
    private sealed class Services : IAsyncDisposable
    {
        private readonly MeterFactory _meters = new();
        private readonly ServiceProvider _provider;

        public Services(NodeOptions options)
        {
            Options = options;
            var services = new ServiceCollection();
            services.AddLogging();
            services.AddSingleton(TimeProvider.System);
            services.AddSingleton<IMeterFactory>(_meters);
            services.AddSingleton<WireMetrics>();
            services.AddSingleton<IDisk>(Disk);
            services.AddSingleton(_ => StoreWiring.CreateBucket(options, Disk, _meters, TimeProvider.System));
            services.AddSingleton<IObjectStore>(static x => x.GetRequiredService<MeasuredObjectStore>());
            services.AddSingleton(x => ClusterWiring.Store(options, x));
            _provider = services.BuildServiceProvider();
        }

        public NodeOptions Options { get; }

        public LinuxDisk Disk { get; } = new();

        public IObjectStore Bucket => _provider.GetRequiredService<IObjectStore>();

        public ICoordinationStore Coordination => _provider.GetRequiredService<ICoordinationStore>();

        public async ValueTask DisposeAsync()
        {
            await _provider.DisposeAsync();
            _meters.Dispose();
        }
    }
}
