namespace Deucalion.Node.Configuration;

/// <summary>Where the settings come from: the file, then the command line, which wins. Loaded at the start and again at each reload.</summary>
/// <param name="File">The configuration file, or null.</param>
/// <param name="Arguments">Values of keys given on the command line (null where absent).</param>
internal sealed record ConfigSource(string? File, IReadOnlyDictionary<string, string?> Arguments)
{
    /// <summary>Reads all sources.</summary>
    /// <exception cref="ConfigurationException">Something in them is wrong.</exception>
    public NodeOptions Load()
    {
        var options = new NodeOptions();
        if (File is not null)
        {
            ConfigFile.Apply(File, options);
        }

        foreach (var (path, value) in Arguments)
        {
            if (value is null)
            {
                continue;
            }

            try
            {
                ConfigSchema.ByPath[path].Set(options, value);
            }
            catch (FormatException e)
            {
                throw new ConfigurationException($"bad value \"{value}\" of --{path}: {e.Message}", e);
            }
        }

        if (options.DeleteDelay <= options.QueryTimeout)
        {
            throw new ConfigurationException($"retention.delete_delay ({ConfigValue.Text(options.DeleteDelay)}) must be more than query.timeout ({ConfigValue.Text(options.QueryTimeout)})", null);
        }

        if (options.IsClustered && options.Roles.Contains("querier") && !options.Roles.Contains("ingester"))
        {
            // Its answers would lack what other nodes have not shipped yet, and nobody would see it.
            throw new ConfigurationException(
                "roles: a member of a cluster (cluster.listen) that is a querier has to be an ingester too; to query nothing but the bucket, leave cluster.listen out", null);
        }

        CheckCluster(options);
        CheckEtcd(options);
        if (options.BucketKind == BucketKind.S3 && options.S3Bucket.Length == 0)
        {
            throw new ConfigurationException("bucket.kind: s3 needs bucket.s3.bucket, the name of the bucket", null);
        }

        if (options.S3AccessKey.Length == 0 != (options.S3SecretKey.Length == 0))
        {
            throw new ConfigurationException("bucket.s3.access_key and bucket.s3.secret_key are given both or neither", null);
        }

        if (options.HttpCertFile.Length == 0 != (options.HttpKeyFile.Length == 0))
        {
            throw new ConfigurationException("http.tls.cert_file and http.tls.key_file are given both or neither", null);
        }

        if (options.HttpClientCaFile.Length > 0 && options.HttpCertFile.Length == 0)
        {
            throw new ConfigurationException("http.tls.client_ca_file needs http.tls.cert_file and http.tls.key_file", null);
        }

        if (options.LimitsFile.Length > 0)
        {
            options.Limits = options.Limits is { Defaults.Count: 0, Overrides.Count: 0 }
                ? ConfigFile.ReadLimits(options.LimitsFile, options)
                : throw new ConfigurationException("limits are in limits.file or below limits.defaults and limits.overrides, not in both", null);
        }

        if (options.BucketKind == BucketKind.Azure && (options.AzureAccount.Length == 0 || options.AzureContainer.Length == 0))
        {
            throw new ConfigurationException("bucket.kind: azure needs bucket.azure.account and bucket.azure.container, the names of account and container", null);
        }

        if (options.BucketKind == BucketKind.Azure && options.AzureAccountKey.Length == 0 == (options.AzureSasToken.Length == 0))
        {
            throw new ConfigurationException("bucket.kind: azure needs either bucket.azure.account_key or bucket.azure.sas_token", null);
        }

        return options;
    }

    private static void CheckCluster(NodeOptions options)
    {
        if (options.IsClustered && options.Roles.Contains("ingester") && options.ClusterAdvertise.Length == 0 && !ConfigValue.IsReachable(options.ClusterListen))
        {
            throw new ConfigurationException(
                $"cluster.listen ({options.ClusterListen}) does not say where others reach this node; set cluster.advertise, such as 10.0.0.7:9095 or node-1.example.org:9095", null);
        }

        // With one of them missing calls would be in clear text, or none would succeed.
        (string Key, string File)[] tls =
            [("cluster.tls.cert_file", options.ClusterCertFile), ("cluster.tls.key_file", options.ClusterKeyFile), ("cluster.tls.ca_file", options.ClusterCaFile)];
        var missing = tls.Where(static x => x.File.Length == 0).Select(static x => x.Key).ToList();
        if (missing.Count is > 0 and < 3)
        {
            throw new ConfigurationException(
                $"cluster.tls.cert_file, cluster.tls.key_file and cluster.tls.ca_file are given all or none; missing: {string.Join(", ", missing)}", null);
        }
    }

    private static void CheckEtcd(NodeOptions options)
    {
        if (options.CoordinationKind == CoordinationKind.Etcd && options.EtcdEndpoints.Count == 0)
        {
            throw new ConfigurationException("coordination.kind: etcd needs coordination.etcd.endpoints, host:port of at least one member", null);
        }

        if (options.EtcdCertFile.Length == 0 != (options.EtcdKeyFile.Length == 0))
        {
            throw new ConfigurationException("coordination.etcd.cert_file and coordination.etcd.key_file are given both or neither", null);
        }

        if (options.EtcdCertFile.Length > 0 && options.EtcdCaFile.Length == 0)
        {
            throw new ConfigurationException("coordination.etcd.cert_file and coordination.etcd.key_file need coordination.etcd.ca_file, the authorities of etcd's own certificate", null);
        }
    }
}
