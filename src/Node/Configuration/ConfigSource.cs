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
}
