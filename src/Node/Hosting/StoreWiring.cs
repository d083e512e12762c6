using System.Diagnostics.Metrics;
using System.Text;
using Deucalion.Common.IO;
using Deucalion.Common.Objects;
using Deucalion.Common.Objects.Azure;
using Deucalion.Common.Objects.S3;
using Deucalion.Node.Configuration;
using Deucalion.Replication.Coordination;

namespace Deucalion.Node.Hosting;

/// <summary>The bucket as the settings name it.</summary>
internal static partial class StoreWiring
{
    /// <summary>File below the data directory that names the bucket that was last tried out with success.</summary>
    private const string TriedFile = "bucket-tried";

    // A start does not wait long for a bucket that is away.
    private static readonly TimeSpan TrialPatience = TimeSpan.FromSeconds(15);

    /// <summary>The bucket, measured; nothing is asked of it yet.</summary>
    public static MeasuredObjectStore CreateBucket(NodeOptions options, IDisk disk, IMeterFactory meters, TimeProvider time)
    {
        var metrics = new ObjectStoreMetrics(meters);
        IObjectStore bucket = options.BucketKind switch
        {
            BucketKind.Local => new LocalObjectStore(disk, options.BucketDirectory),
            BucketKind.S3 => new S3ObjectStore(S3Of(options), disk, metrics, time),
            BucketKind.Azure => new AzureObjectStore(AzureOf(options), disk, metrics, time),
            _ => throw new InvalidOperationException($"no bucket of kind {options.BucketKind}"),
        };
        return new MeasuredObjectStore(bucket, disk, metrics, time);
    }

    /// <summary>Where the bucket is, for messages; without secrets.</summary>
    public static string NameOfBucket(NodeOptions options) => options.BucketKind switch
    {
        BucketKind.S3 => S3Of(options).ToString(),
        BucketKind.Azure => AzureOf(options).ToString(),
        _ => options.BucketDirectory,
    };

    /// <summary>
    /// Makes the bucket fit for use, before anything relies on it: the local one is recovered after a crash, a remote one is tried out. One that was tried out
    /// before and cannot be reached just now does not keep the node from starting: recent data is taken and answered without it.
    /// </summary>
    /// <returns>Whether the bucket can be reached.</returns>
    /// <exception cref="ObjectStoreException">The bucket cannot be used; the message says what to do.</exception>
    /// <exception cref="ConfigurationException">A local bucket is not on a local disk.</exception>
    public static async Task<bool> PrepareBucketAsync(NodeOptions options, IDisk disk, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        if (options.BucketKind == BucketKind.Local)
        {
            // Where there is no directory yet, nobody can say what it would be on.
            disk.CreateDirectory(options.BucketDirectory);
            RefuseNetwork(options.BucketDirectory, FileLock.IsOnNetwork);

            // Only below the data directory, whose lock says that nobody else writes there.
            if (options.BucketPath.Length == 0)
            {
                new LocalObjectStore(disk, options.BucketDirectory).Recover();
            }

            return true;
        }

        using var meters = new Common.Telemetry.MeterFactory();
        var (bucket, address) = Trial(options, disk, new ObjectStoreMetrics(meters), time);
        using var connections = bucket as IDisposable;
        var name = Encoding.UTF8.GetBytes($"{address}\n");
        var tried = Path.Combine(options.DataPath, TriedFile);
        LogTries(logger, address);
        try
        {
            await new ObjectStoreProbe(bucket).RunAsync(cancellationToken);
        }
        catch (ObjectStoreUnavailableException e) when (AtomicFile.Read(disk, tried) is { } before && before.AsSpan().SequenceEqual(name))
        {
            LogAway(logger, e.Message);
            return false;
        }

        AtomicFile.Write(disk, tried, name);
        return true;
    }

    /// <summary>Makes sure, before this node is one of a cluster, that its bucket is that of the others. What agrees through its bucket has one bucket anyway.</summary>
    /// <exception cref="WrongBucketException">It is another one.</exception>
    public static async Task RequireSharedAsync(NodeOptions options, IServiceProvider services, ILogger logger, CancellationToken cancellationToken)
    {
        if (!options.IsClustered || options.CoordinationKind == CoordinationKind.Bucket || services.GetService<ICoordinationStore>() is not { } store)
        {
            return;
        }

        try
        {
            await new SharedBucket(store, services.GetRequiredService<IObjectStore>()).RequireAsync(cancellationToken);
        }
        catch (ObjectStoreException e)
        {
            LogNotCompared(logger, e.Message);
        }
    }

    /// <summary>Conditional writes of a local bucket rest on locks and renames, and leases may rest on those writes: a network file system promises neither.</summary>
    /// <exception cref="ConfigurationException">The directory is on one.</exception>
    internal static void RefuseNetwork(string directory, Func<string, bool> isOnNetwork)
    {
        if (isOnNetwork(directory))
        {
            throw new ConfigurationException(
                $"{Path.GetFullPath(directory)} is on a network file system: a local bucket (bucket.path) needs a local disk; for nodes of several machines set bucket.kind: s3 or azure", null);
        }
    }

    private static (IObjectStore Bucket, string Address) Trial(NodeOptions options, IDisk disk, ObjectStoreMetrics metrics, TimeProvider time)
    {
        if (options.BucketKind == BucketKind.Azure)
        {
            var azure = AzureOf(options) with { Limits = new RequestLimits { TotalTimeout = TrialPatience } };
            return (new AzureObjectStore(azure, disk, metrics, time), azure.ToString());
        }

        var s3 = S3Of(options) with { TotalTimeout = TrialPatience };
        return (new S3ObjectStore(s3, disk, metrics, time), s3.ToString());
    }

    private static AzureOptions AzureOf(NodeOptions options) => new()
    {
        Account = options.AzureAccount,
        Container = options.AzureContainer,
        Prefix = options.AzurePrefix.Length > 0 ? options.AzurePrefix.TrimEnd('/') + "/" : string.Empty,
        Endpoint = options.AzureEndpoint.Length > 0 ? new Uri(options.AzureEndpoint) : null,
        AccountKey = options.AzureAccountKey.Length > 0 ? options.AzureAccountKey : null,
        SasToken = options.AzureSasToken.Length > 0 ? options.AzureSasToken : null,
    };

    private static S3Options S3Of(NodeOptions options) => new()
    {
        Bucket = options.S3Bucket,
        Endpoint = options.S3Endpoint.Length > 0 ? new Uri(options.S3Endpoint) : null,
        Region = options.S3Region.Length > 0 ? options.S3Region : null,
        Prefix = options.S3Prefix.Length > 0 ? options.S3Prefix.TrimEnd('/') + "/" : string.Empty,
        AccessKey = options.S3AccessKey.Length > 0 ? options.S3AccessKey : null,
        SecretKey = options.S3SecretKey.Length > 0 ? options.S3SecretKey : null,
        PathStyle = options.S3PathStyle ?? options.S3Endpoint.Length > 0,
        Encryption = options.S3Encryption,
        KmsKeyId = options.S3KmsKeyId.Length > 0 ? options.S3KmsKeyId : null,
    };

    [LoggerMessage(1, LogLevel.Information, "Tries out the bucket {Bucket}")]
    private static partial void LogTries(ILogger logger, string bucket);

    [LoggerMessage(2, LogLevel.Warning, "The bucket cannot be reached; the node starts without it, and recent data waits in memory and journal: {Reason}")]
    private static partial void LogAway(ILogger logger, string reason);

    [LoggerMessage(3, LogLevel.Warning, "Whether the bucket is that of the other nodes cannot be found out; the next start looks again: {Reason}")]
    private static partial void LogNotCompared(ILogger logger, string reason);
}
