using System.Text;
using Deucalion.Common.IO;
using Deucalion.Node.Configuration;
using Deucalion.Replication.Coordination;

namespace Deucalion.Node.Hosting;

/// <summary>
/// A node that was alone becomes the first one of a cluster: what it had agreed with itself, in its data directory, is carried over into the store that is
/// configured now. What was there is kept beside it under another name, by which a start with the settings of before is refused.
/// </summary>
internal static partial class CarryOverWiring
{
    private const string MovedSuffix = ".moved";
    private const string MovedToFile = "moved-to";

    /// <summary>Throws <see cref="CoordinationException"/> where the store in the directory was carried over into another one.</summary>
    public static void RequireInUse(IDisk disk, string directory)
    {
        var moved = MovedOf(directory);
        if (disk.Exists(moved))
        {
            var to = AtomicFile.Read(disk, Path.Combine(moved, MovedToFile)) is { } name ? Encoding.UTF8.GetString(name).TrimEnd('\n') : "another one";
            throw new CoordinationException($"the coordination store {directory} was carried over into {to}: use that one (coordination.*); what was here lies in {moved} and is out of date", null);
        }
    }

    /// <summary>Carries over what is to be. Before anything else of the node reads the store.</summary>
    /// <exception cref="CoordinationException">It cannot be done; the message says what to do.</exception>
    public static async Task RunAsync(NodeOptions options, IServiceProvider services, ILogger logger, CancellationToken cancellationToken)
    {
        var own = options.OwnCoordinationDirectory;
        var moved = MovedOf(own);
        var disk = services.GetRequiredService<IDisk>();

        // Not by opening a store there: that would make one.
        var hasTable = disk.List(Path.Combine(own, "partitions")).Count > 0;
        var isMoved = disk.Exists(moved);
        if ((!hasTable && !isMoved) || IsConfigured(options, own))
        {
            return;
        }

        var store = services.GetRequiredService<ICoordinationStore>();
        var node = services.GetRequiredService<NodeName>().Of(disk);
        if (!hasTable)
        {
            await StoreCarryOver.FinishAsync(store, node, cancellationToken);
            return;
        }

        if (isMoved)
        {
            throw new CoordinationException(
                $"{own} has a partition table though what this node had there was carried over before ({moved}): an earlier version has been started with the settings of before, and what it took is known in {own} alone. "
                + $"Either go on with the settings of before and {moved} moved away, which gives up what the cluster has taken since; or move {own} away, which gives up what that version took", null);
        }

        var name = NameOf(options);
        var carryOver = new StoreCarryOver(ClusterWiring.LocalStore(disk, own, services.GetRequiredService<TimeProvider>()), own, store, name, node);
        var carried = await carryOver.RunAsync(() => PutAway(disk, own, moved, name), cancellationToken);
        if (carried is not null)
        {
            LogCarried(logger, carried.Partitions, carried.Tenants, own, name, moved);
        }
    }

    private static string MovedOf(string directory) => Path.TrimEndingDirectorySeparator(directory) + MovedSuffix;

    private static bool IsConfigured(NodeOptions options, string own) =>
        options.CoordinationKind == CoordinationKind.Local
        && Path.TrimEndingDirectorySeparator(Path.GetFullPath(options.CoordinationDirectory)) == Path.GetFullPath(own);

    private static string NameOf(NodeOptions options) => options.CoordinationKind switch
    {
        CoordinationKind.Etcd => $"the coordination store in etcd at {string.Join(", ", options.EtcdEndpoints)}",
        CoordinationKind.Bucket => $"the coordination store in the bucket {StoreWiring.NameOfBucket(options)}",
        _ => $"the coordination store {options.CoordinationDirectory}",
    };

    private static void PutAway(IDisk disk, string own, string moved, string name)
    {
        AtomicFile.Write(disk, Path.Combine(own, MovedToFile), Encoding.UTF8.GetBytes($"{name}\n"));
        disk.Rename(own, moved);
        disk.SyncDirectory(Path.GetDirectoryName(Path.GetFullPath(own))!);
    }

    [LoggerMessage(1, LogLevel.Information, "Carried over {Partitions} entries of the partition table, the number of partitions and the widths of {Tenants} tenants from {Own} into {Store}; what was there is kept as {Moved}")]
    private static partial void LogCarried(ILogger logger, int partitions, int tenants, string own, string store, string moved);
}
