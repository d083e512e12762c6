using System.CommandLine;
using System.Globalization;
using Deucalion.Common.IO;
using Deucalion.Common.Manifests;
using Deucalion.Common.Telemetry;
using Deucalion.Common.Tenants;
using Deucalion.Node.Configuration;
using Deucalion.Node.Hosting;
using Deucalion.Storage.Blocks;
using Deucalion.Storage.Tools;
using Deucalion.Storage.Tools.Prometheus;
using Microsoft.Extensions.Logging.Abstractions;

namespace Deucalion.Node.Cli;

/// <summary><c>tsdb import</c>: blocks, and the head of a Prometheus data directory, become the node's own.</summary>
internal static class ImportCommand
{
    // Blocks made of a head lie here until they are uploaded.
    private const string TemporaryDirectory = "import.tmp";

    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var path = TsdbCommand.Path();
        var config = new Option<string?>("--config.file") { Description = "Configuration file of the node: the blocks go into its bucket.", HelpName = "file" };
        var data = new Option<string?>("--data.path") { Description = "Data directory of the node, which must not run [default: ./data].", HelpName = "directory" };
        var tenant = new Option<string>("--tenant") { Description = "Whose the samples become.", DefaultValueFactory = static _ => TenantId.Anonymous.Value };
        var command = new Command(
            "import",
            "Takes a block of Prometheus, Thanos or Mimir, all blocks of a directory, or a whole data directory of a stopped Prometheus with its head (wal, wbl, chunks_head) into the node's own data.")
        {
            path, config, data, tenant,
        };
        command.SetAction((result, cancellationToken) => TsdbCommand.RunAsync(output =>
        {
            if (!TenantId.TryParse(result.GetRequiredValue(tenant), out var owner, out var error))
            {
                throw new FormatException(error);
            }

            var source = new ConfigSource(result.GetValue(config), new Dictionary<string, string?> { ["data.path"] = result.GetValue(data) });
            return ImportAsync(result.GetRequiredValue(path), source.Load(), owner, output, cancellationToken);
        }));
        return command;
    }

    private static async Task<bool> ImportAsync(string from, NodeOptions options, TenantId owner, TextWriter output, CancellationToken cancellationToken)
    {
        var blocks = await DatabaseDirectory.BlocksAsync(from, cancellationToken);
        using var dataLock = DataDirectory.Lock(options.DataPath);
        var disk = new LinuxDisk();
        await StoreWiring.PrepareBucketAsync(options, disk, TimeProvider.System, NullLogger.Instance, cancellationToken);
        using var meters = new MeterFactory();
        var store = StoreWiring.CreateBucket(options, disk, meters, TimeProvider.System);
        using var connections = store as IDisposable;
        var import = new BlockImport(disk, store, new ManifestStore(store), output);
        var all = true;
        var imported = new List<BlockMeta>();
        foreach (var block in blocks)
        {
            if (await import.ImportAsync(block, owner, cancellationToken))
            {
                imported.Add(block.Meta);
            }
            else
            {
                all = false;
            }
        }

        await output.WriteLineAsync($"{blocks.Count} blocks found");
        if (PrometheusHead.Exists(from))
        {
            // What a refused block holds is taken from the head as far as that reaches back.
            var head = PrometheusHead.Load(from, PrometheusHead.Begin(imported), cancellationToken);
            await DescribeAsync(from, head, output);
            all &= await ImportAsync(head, Path.Combine(options.DataPath, TemporaryDirectory), disk, import, owner, cancellationToken);
        }

        return all;
    }

    private static async Task<bool> ImportAsync(
        PrometheusHead head, string temporary, LinuxDisk disk, BlockImport import, TenantId owner, CancellationToken cancellationToken)
    {
        var all = true;
        disk.DeleteDirectory(temporary);
        try
        {
            foreach (var block in head.WriteBlocks(disk, temporary, TimeProvider.System, cancellationToken))
            {
                all &= await import.ImportAsync(block, owner, cancellationToken);
            }
        }
        finally
        {
            disk.DeleteDirectory(temporary);
        }

        return all;
    }

    private static async Task DescribeAsync(string from, PrometheusHead head, TextWriter output)
    {
        var stats = head.Stats;
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"{from}: head of {head.SeriesCount} series: {stats.Samples} samples and {stats.LateSamples} out of order in {stats.Segments} segments, {stats.MappedChunks} mapped chunks, {stats.Deletions} deletions"));
        foreach (var torn in stats.Torn)
        {
            await output.WriteLineAsync(torn);
        }

        (long Count, string What)[] skipped =
        [
            (stats.Exemplars, "exemplars are not imported: blocks have no place for them"),
            (stats.Metadata, "metadata entries are not imported: blocks have no place for them"),
            (stats.UnknownSeries, "samples, deletions or chunks are of series that the log does not name, and left out"),
            (stats.UnknownSchemas, "histograms have a schema that is not known, and are left out"),
            (stats.UnknownRecords, "records are of a type that is not known, and left out"),
        ];
        foreach (var (count, what) in skipped.Where(static s => s.Count > 0))
        {
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{from}: {count} {what}"));
        }
    }
}
