using Deucalion.Common.Objects.S3;
using Deucalion.Node.Configuration;
using Xunit;

namespace Deucalion.Node.Tests.Configuration;

public sealed class ConfigFileTests
{
    [Fact]
    public void SetsEveryKey_WhenTheFileHoldsTheDefaults()
    {
        var options = new NodeOptions();
        ConfigFile.Apply("c.yml", ConfigSchema.ToYaml(options), static _ => null, options);
        Assert.Equal(ConfigSchema.ToYaml(new NodeOptions()), ConfigSchema.ToYaml(options));
    }

    [Fact]
    public void SetsValues_OfEachKind()
    {
        var options = Load("""
            http:
              listen: ":9100"
            roles: [querier, ingester]
            retention:
              time: 15d
              size: 10GB
            query: { timeout: 1m30s, max_samples: 7 }
            telemetry:
              self_scrape: false
            """);
        Assert.Equal(":9100", options.HttpListen);
        Assert.Equal(["querier", "ingester"], options.Roles);
        Assert.Equal(TimeSpan.FromDays(15), options.RetentionTime);
        Assert.Equal(10_000_000_000, options.RetentionSize);
        Assert.Equal(TimeSpan.FromSeconds(90), options.QueryTimeout);
        Assert.Equal(7, options.QueryMaxSamples);
        Assert.False(options.SelfScrape);
    }

    [Theory]
    [InlineData("nope: 1", "c.yml:1: unknown key \"nope\"; allowed at the top: http, auth, data, bucket, coordination, cluster, replication, placement, roles, log, telemetry, journal, ingest, retention, compaction, query, limits")]
    [InlineData("http:\n  listen: x\n  port: 1", "c.yml:2: bad value \"x\" of key \"http.listen\": an address such as 127.0.0.1:9009, [::1]:9009 or :9009 (all interfaces) is allowed\nc.yml:3: unknown key \"http.port\"; allowed under \"http\": listen, external_url, route_prefix, tls")]
    [InlineData("log:\n  level: loud", "c.yml:2: bad value \"loud\" of key \"log.level\": debug, info, warn, error is allowed")]
    [InlineData("query:\n  timeout: 10", "c.yml:2: bad value \"10\" of key \"query.timeout\": a duration such as 15s, 1h30m or 15d is allowed")]
    [InlineData("query:\n  timeout: 0s", "c.yml:2: bad value \"0s\" of key \"query.timeout\": a duration greater than zero is allowed")]
    [InlineData("query:\n  max_samples: 0", "c.yml:2: bad value \"0\" of key \"query.max_samples\": a whole number from 1 to 9223372036854775807 is allowed")]
    [InlineData("retention:\n  size: big", "c.yml:2: bad value \"big\" of key \"retention.size\": a size such as 1048576, 512MiB or 10GB is allowed, or off")]
    [InlineData("roles: [ruler, king]", "c.yml:1: bad value [ ruler, king ] of key \"roles\": \"king\" is none of ingester, querier, compactor, ruler")]
    [InlineData("data: here", "c.yml:1: key \"data\" must be a mapping with the keys path, limit")]
    [InlineData("- a", "c.yml:1: the file must be a mapping with the keys http, auth, data, bucket, coordination, cluster, replication, placement, roles, log, telemetry, journal, ingest, retention, compaction, query, limits")]
    [InlineData("data:\n  path: ${NOT_SET}", "c.yml:2: bad value \"${NOT_SET}\" of key \"data.path\": environment variable NOT_SET is not set; set it or write ${NOT_SET:-default}")]
    public void NamesFileLineKeyAndWhatIsAllowed_WhenSomethingIsWrong(string yaml, string message)
    {
        var error = Assert.Throws<ConfigurationException>(() => Load(yaml));
        Assert.Equal(message, error.Message);
    }

    [Fact]
    public void FailsOnlyWithItsOwnErrors_WhenTheTextIsBroken()
    {
        var good = ConfigSchema.ToYaml(new NodeOptions());
        var random = new Random(5);
        var refused = 0;
        for (var i = 0; i < 3000; i++)
        {
            var text = good.ToCharArray();
            for (var edits = random.Next(1, 6); edits > 0; edits--)
            {
                text[random.Next(text.Length)] = "\0\n:-[]{}'\"*&!|> a1,$"[random.Next(20)];
            }

            try
            {
                Load(new string(text));
            }
            catch (ConfigurationException)
            {
                refused++;
            }
        }

        Assert.True(refused > 1000, $"{refused} refused");
    }

    [Fact]
    public void SetsKeysOfSectionsInSections()
    {
        var options = Load("""
            bucket:
              kind: s3
              s3: { endpoint: "http://127.0.0.1:9000", bucket: metrics, prefix: a/b, path_style: false, encryption: kms, kms_key_id: k }
            coordination: { kind: bucket }
            """);
        Assert.Equal(
            (BucketKind.S3, "http://127.0.0.1:9000", "metrics", "a/b", false, S3Encryption.Kms, CoordinationKind.Bucket),
            (options.BucketKind, options.S3Endpoint, options.S3Bucket, options.S3Prefix, options.S3PathStyle, options.S3Encryption, options.CoordinationKind));
    }

    [Theory]
    [InlineData("bucket: {kind: gcs}", "c.yml:1: bad value \"gcs\" of key \"bucket.kind\": local, s3, azure is allowed")]
    [InlineData("bucket:\n  s3:\n    endpoint: s3.example.org", "c.yml:3: bad value \"s3.example.org\" of key \"bucket.s3.endpoint\": an address such as http://minio:9000 or https://s3.example.org is allowed, without a path")]
    [InlineData("bucket:\n  s3:\n    endpoint: http://a/b", "c.yml:3: bad value \"http://a/b\" of key \"bucket.s3.endpoint\": an address such as http://minio:9000 or https://s3.example.org is allowed, without a path")]
    [InlineData("bucket:\n  s3:\n    prefix: ../a", "c.yml:3: bad value \"../a\" of key \"bucket.s3.prefix\": segments of printable characters with / between are allowed")]
    [InlineData("bucket:\n  s3:\n    key: x", "c.yml:3: unknown key \"bucket.s3.key\"; allowed under \"bucket.s3\": endpoint, bucket, prefix, region, access_key, secret_key, path_style, encryption, kms_key_id")]
    [InlineData("bucket:\n  s3:\n    secret_key: ${NOT_SET}very-secret", "c.yml:3: bad value <secret> of key \"bucket.s3.secret_key\": environment variable NOT_SET is not set; set it or write ${NOT_SET:-default}")]
    [InlineData("coordination:\n  etcd:\n    endpoints: http://h:2379", "c.yml:3: bad value \"http://h:2379\" of key \"coordination.etcd.endpoints\": host:port is allowed, such as 10.0.0.7:2379 or etcd-1.example.org:2379, not \"http://h:2379\"")]
    [InlineData("coordination:\n  etcd:\n    endpoints: [a:2379, h]", "c.yml:3: bad value [ a:2379, h ] of key \"coordination.etcd.endpoints\": host:port is allowed, such as 10.0.0.7:2379 or etcd-1.example.org:2379, not \"h\"")]
    [InlineData("coordination: {kind: zookeeper}", "c.yml:1: bad value \"zookeeper\" of key \"coordination.kind\": local, bucket, etcd is allowed")]
    public void SaysWhatIsAllowedForStores_WhenSomethingIsWrong(string yaml, string message) =>
        Assert.Equal(message, Assert.Throws<ConfigurationException>(() => Load(yaml)).Message);

    [Theory]
    [InlineData("roles: [querier, compactor]\ncluster: {listen: '127.0.0.1:9095'}", "roles: a member of a cluster (cluster.listen) that is a querier has to be an ingester too; to query nothing but the bucket, leave cluster.listen out")]
    [InlineData("bucket: {kind: s3}", "bucket.kind: s3 needs bucket.s3.bucket, the name of the bucket")]
    [InlineData("bucket: {kind: s3, s3: {bucket: b, access_key: a}}", "bucket.s3.access_key and bucket.s3.secret_key are given both or neither")]
    [InlineData("cluster: {listen: ':9095'}", "cluster.listen (:9095) does not say where others reach this node; set cluster.advertise, such as 10.0.0.7:9095 or node-1.example.org:9095")]
    [InlineData("cluster: {listen: '0.0.0.0:9095'}", "cluster.listen (0.0.0.0:9095) does not say where others reach this node; set cluster.advertise, such as 10.0.0.7:9095 or node-1.example.org:9095")]
    [InlineData("cluster: {listen: '[::]:9095'}", "cluster.listen ([::]:9095) does not say where others reach this node; set cluster.advertise, such as 10.0.0.7:9095 or node-1.example.org:9095")]
    [InlineData("cluster: {listen: '127.0.0.1:0'}", "cluster.listen (127.0.0.1:0) does not say where others reach this node; set cluster.advertise, such as 10.0.0.7:9095 or node-1.example.org:9095")]
    [InlineData("cluster: {tls: {key_file: k}}", "cluster.tls.cert_file, cluster.tls.key_file and cluster.tls.ca_file are given all or none; missing: cluster.tls.cert_file, cluster.tls.ca_file")]
    [InlineData("cluster: {tls: {ca_file: a}}", "cluster.tls.cert_file, cluster.tls.key_file and cluster.tls.ca_file are given all or none; missing: cluster.tls.cert_file, cluster.tls.key_file")]
    [InlineData("cluster: {tls: {cert_file: c, key_file: k}}", "cluster.tls.cert_file, cluster.tls.key_file and cluster.tls.ca_file are given all or none; missing: cluster.tls.ca_file")]
    [InlineData("coordination: {kind: etcd, etcd: {endpoints: []}}", "coordination.kind: etcd needs coordination.etcd.endpoints, host:port of at least one member")]
    [InlineData("coordination: {etcd: {ca_file: a, cert_file: c}}", "coordination.etcd.cert_file and coordination.etcd.key_file are given both or neither")]
    [InlineData("coordination: {etcd: {ca_file: a, key_file: k}}", "coordination.etcd.cert_file and coordination.etcd.key_file are given both or neither")]
    [InlineData("coordination: {etcd: {cert_file: c, key_file: k}}", "coordination.etcd.cert_file and coordination.etcd.key_file need coordination.etcd.ca_file, the authorities of etcd's own certificate")]
    public void RefusesSettings_ThatDoNotFitTogether(string yaml, string message)
    {
        Assert.Equal(message, Assert.Throws<ConfigurationException>(() => LoadAll(yaml)).Message);
    }

    [Theory]
    [InlineData("cluster: {listen: ':9095', advertise: 'node-1.example.org:9095'}")]
    [InlineData("cluster: {listen: '10.0.0.7:9095'}")]
    [InlineData("cluster: {listen: 'localhost:9095', tls: {cert_file: c, key_file: k, ca_file: a}}")]
    [InlineData("roles: [compactor]\ncluster: {listen: ':9095'}")]
    [InlineData("coordination: {kind: etcd, etcd: {ca_file: a}}")]
    [InlineData("coordination: {kind: etcd, etcd: {ca_file: a, cert_file: c, key_file: k}}")]
    [InlineData("coordination: {etcd: {endpoints: []}}")]
    public void TakesSettings_ThatFitTogether(string yaml) => LoadAll(yaml);

    [Theory]
    [InlineData("[etcd_1:2379, '[fd00::7]:2379', 10.0.0.7:2379]", "etcd_1:2379 [fd00::7]:2379 10.0.0.7:2379")]
    [InlineData("'[fd00::7]:2379,etcd-1.example.org:2379'", "[fd00::7]:2379 etcd-1.example.org:2379")]
    [InlineData("'[etcd-1:2379, etcd-2:2379]'", "etcd-1:2379 etcd-2:2379")]
    public void TakesAddressesOfEtcd(string endpoints, string read) =>
        Assert.Equal(read, string.Join(' ', Load($"coordination: {{etcd: {{endpoints: {endpoints}}}}}").EtcdEndpoints));

    [Theory]
    [InlineData("")]
    [InlineData("coordination: {kind: etcd}")]
    [InlineData("coordination: {kind: bucket}", 30)]
    [InlineData("coordination: {kind: bucket}\ningest: {failover_wait: 25s}", 25)]
    [InlineData("ingest: {failover_wait: 25s}\ncoordination: {kind: bucket}", 25)]
    public void WaitsForFailovers_AsLongAsTheyTakeWithTheStore(string yaml, int seconds = 20)
    {
        var options = Load(yaml);
        Assert.Equal(TimeSpan.FromSeconds(seconds), options.FailoverPatience);
        Assert.Contains($"  failover_wait: {seconds}s\n", ConfigSchema.ToYaml(options), StringComparison.Ordinal);
    }

    [Fact]
    public void ShowsNoSecret()
    {
        var options = Load("bucket: {s3: {access_key: open, secret_key: hush}}");
        Assert.Equal("hush", options.S3SecretKey);
        var yaml = ConfigSchema.ToYaml(options);
        Assert.DoesNotContain("hush", yaml, StringComparison.Ordinal);
        Assert.Contains("    secret_key: <secret>", yaml, StringComparison.Ordinal);
        Assert.All(ConfigSchema.Keys, key => Assert.DoesNotContain("hush", key.Show(options), StringComparison.Ordinal));
        Assert.All(ConfigSchema.Keys.Where(static key => key.Name.Contains("secret", StringComparison.Ordinal) || key.Name.Contains("password", StringComparison.Ordinal)), static key => Assert.True(key.IsSecret));
    }

    [Theory]
    [InlineData("a: [1")]
    [InlineData("http:\n listen: a\n listen: b")]
    [InlineData("data: {path: a}\n---\ndata: {path: b}")]
    public void NamesFileAndLine_WhenTheYamlIsBroken(string yaml)
    {
        var error = Assert.Throws<ConfigurationException>(() => Load(yaml));
        Assert.Matches("^c.yml:[0-9]+: ", error.Message);
    }

    [Fact]
    public void ExpandsEnvironmentVariables()
    {
        var options = Load("data: {path: \"${ROOT}/x$$y${NONE:-/z}\"}");
        Assert.Equal("/srv/x$y/z", options.DataPath);
    }

    [Fact]
    public void KeepsDefaults_WhenFileOrSectionIsEmpty()
    {
        Assert.Equal("./data", Load("").DataPath);
        Assert.Equal("./data", Load("data:\nquery:\n").DataPath);
    }

    private static NodeOptions LoadAll(string yaml)
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, yaml);
            return new ConfigSource(file, new Dictionary<string, string?>()).Load();
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static NodeOptions Load(string yaml)
    {
        var options = new NodeOptions();
        ConfigFile.Apply("c.yml", yaml, static name => name == "ROOT" ? "/srv" : null, options);
        return options;
    }
}
