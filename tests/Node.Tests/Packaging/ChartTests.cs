using System.Globalization;
using Deucalion.Node.Configuration;
using Deucalion.Node.Tests.Operations;
using Xunit;

namespace Deucalion.Node.Tests.Packaging;

public sealed class ChartTests
{
    private static readonly (string Path, string Yaml)[] Everything =
    [
        ("image.tag", "'7'"), ("imagePullSecrets", "[{name: pull}]"), ("existingSecret", "bucket"), ("env", "[{name: A, value: b}]"), ("zone.podLabel", "topology.kubernetes.io/zone"),
        ("persistence.storageClass", "fast"), ("serviceAccount.name", "other"), ("service.annotations", "{a: b}"), ("podLabels", "{team: x}"), ("podAnnotations", "{}"),
        ("probes.pathPrefix", "/metrics"), ("nodeSelector", "{disk: fast}"), ("tolerations", "[{key: metrics, operator: Exists}]"), ("affinity", "{nodeAffinity: {}}"),
        ("extraVolumes", "[{name: tls, secret: {secretName: tls}}]"), ("extraVolumeMounts", "[{name: tls, mountPath: /etc/tls, readOnly: true}]"),
    ];

    [Fact]
    public void MakesItsObjects_EachInAnApiOfItsOwn()
    {
        var objects = new Chart().Objects.Select(static o => $"{o.TextAt("apiVersion")} {o.TextAt("kind")} {o.TextAt("metadata", "name")}").Order(StringComparer.Ordinal);
        Assert.Equal(
            [
                "apps/v1 StatefulSet metrics", "policy/v1 PodDisruptionBudget metrics", "v1 ConfigMap metrics", "v1 Service metrics", "v1 Service metrics-nodes", "v1 ServiceAccount metrics",
            ],
            objects);
    }

    [Fact]
    public void SelectsItsPods()
    {
        var chart = new Chart(Everything);
        var labels = chart.StatefulSet.PairsAt("spec", "template", "metadata", "labels");
        Assert.Equal("x", labels["team"]);
        List<Dictionary<string, string>> selectors =
        [
            chart.StatefulSet.PairsAt("spec", "selector", "matchLabels"),
            chart.Of("PodDisruptionBudget", "metrics").PairsAt("spec", "selector", "matchLabels"),
            chart.Of("Service", "metrics").PairsAt("spec", "selector"),
            chart.Of("Service", "metrics-nodes").PairsAt("spec", "selector"),
            .. chart.Pod.ItemsAt("topologySpreadConstraints").Select(static c => c.PairsAt("labelSelector", "matchLabels")),
        ];
        Assert.Equal(6, selectors.Count);
        Assert.All(selectors, selector => Assert.True(selector.Count > 0 && selector.All(pair => labels[pair.Key] == pair.Value)));
        Assert.Equal("1", chart.Of("PodDisruptionBudget", "metrics").TextAt("spec", "maxUnavailable"));
    }

    [Fact]
    public void ConfiguresNodesThatStart()
    {
        var chart = new Chart(("config.bucket.s3.bucket", "blocks"));
        var options = Options(chart, new() { ["S3_ACCESS_KEY"] = "key", ["S3_SECRET_KEY"] = "secret" });
        Assert.Equal("/data", options.DataPath);
        Assert.Equal((BucketKind.S3, "blocks", "key", "secret"), (options.BucketKind, options.S3Bucket, options.S3AccessKey, options.S3SecretKey));
        Assert.Equal(CoordinationKind.Bucket, options.CoordinationKind);
        Assert.Equal("metrics-0.metrics-nodes.watch.svc:9095", options.ClusterAdvertise);
        Assert.Equal(chart.StatefulSet.TextAt("spec", "serviceName"), options.ClusterAdvertise.Split('.')[1]);
        Assert.Equal("metrics-0", options.ClusterZone);
        Assert.False(options.SelfScrape);
        Assert.Equal(string.Empty, Options(chart, []).S3AccessKey);
    }

    [Fact]
    public void OpensThePortsOfTheConfiguration()
    {
        var chart = new Chart();
        var options = Options(chart, []);
        var ports = chart.Container.ItemsAt("ports").ToDictionary(static p => p.TextAt("name"), static p => p.TextAt("containerPort"));
        Assert.Equal(options.HttpListen, $":{ports["http"]}");
        Assert.Equal(options.ClusterListen, $":{ports["cluster"]}");
        Assert.EndsWith($":{ports["cluster"]}", options.ClusterAdvertise, StringComparison.Ordinal);
        foreach (var (service, port) in new[] { ("metrics", "http"), ("metrics-nodes", "cluster") })
        {
            var opened = Assert.Single(chart.Of("Service", service).ItemsAt("spec", "ports"));
            Assert.Equal((port, port, ports[port]), (opened.TextAt("name"), opened.TextAt("targetPort"), opened.TextAt("port")));
        }

        Assert.Equal(ports["http"], chart.StatefulSet.PairsAt("spec", "template", "metadata", "annotations")["prometheus.io/port"]);
        Assert.Equal("None", chart.Of("Service", "metrics-nodes").TextAt("spec", "clusterIP"));
        Assert.Equal("true", chart.Of("Service", "metrics-nodes").TextAt("spec", "publishNotReadyAddresses"));
    }

    [Fact]
    public void AsksWhetherItIsAliveAndReady()
    {
        var container = new Chart(("probes.pathPrefix", "/metrics"), ("probes.scheme", "HTTPS")).Container;
        foreach (var (probe, path) in new[] { ("startupProbe", "/-/healthy"), ("livenessProbe", "/-/healthy"), ("readinessProbe", "/ready") })
        {
            Assert.Equal(($"/metrics{path}", "http", "HTTPS"), (container.TextAt(probe, "httpGet", "path"), container.TextAt(probe, "httpGet", "port"), container.TextAt(probe, "httpGet", "scheme")));
        }
    }

    [Fact]
    public void GivesItsPodsNoMoreRightsThanTheyNeed()
    {
        var chart = new Chart();
        Assert.Equal("true", chart.Pod.TextAt("securityContext", "runAsNonRoot"));
        Assert.Equal("true", chart.Container.TextAt("securityContext", "readOnlyRootFilesystem"));
        Assert.Equal("false", chart.Container.TextAt("securityContext", "allowPrivilegeEscalation"));
        Assert.Equal("ALL", chart.Container.TextAt("securityContext", "capabilities", "drop", 0));
        Assert.Equal("false", chart.Pod.TextAt("automountServiceAccountToken"));
        var mounts = chart.Container.ItemsAt("volumeMounts").ToDictionary(static m => m.TextAt("mountPath"), static m => m.TextAt("name"));
        Assert.Equal("data", mounts["/data"]);
        Assert.Equal("tmp", mounts["/tmp"]);
    }

    [Fact]
    public void MountsOnlyVolumesThatExist()
    {
        var chart = new Chart(Everything);
        var volumes = chart.Pod.ItemsAt("volumes").Concat(chart.StatefulSet.ItemsAt("spec", "volumeClaimTemplates").Select(static c => c["metadata"])).Select(static v => v.TextAt("name"));
        Assert.Equal(chart.Container.ItemsAt("volumeMounts").Select(static m => m.TextAt("name")).Order(StringComparer.Ordinal), volumes.Order(StringComparer.Ordinal));
        Assert.Equal(chart.Of("ConfigMap", "metrics").TextAt("metadata", "name"), chart.Pod.TextAt("volumes", 0, "configMap", "name"));
        Assert.Contains("deucalion.yml", chart.Of("ConfigMap", "metrics").PairsAt("data").Keys);
        Assert.Equal("/etc/deucalion/deucalion.yml", chart.Container.TextAt("args", 1));
    }

    [Fact]
    public void TakesOverWhatItsValuesSay()
    {
        var chart = new Chart(Everything);
        Assert.Equal("the pod's topology.kubernetes.io/zone", chart.Environment()["DEUCALION_ZONE"]);
        Assert.Equal("b", chart.Environment()["A"]);
        Assert.Equal("bucket", chart.Container.TextAt("envFrom", 0, "secretRef", "name"));
        Assert.Equal("deucalion:7", chart.Container.TextAt("image"));
        Assert.Equal("other", chart.Pod.TextAt("serviceAccountName"));
        Assert.DoesNotContain(chart.Objects, static o => o.TextAt("kind") == "ServiceAccount");
        Assert.Equal("fast", chart.StatefulSet.TextAt("spec", "volumeClaimTemplates", 0, "spec", "storageClassName"));
        Assert.Equal(["pull"], chart.Pod.ItemsAt("imagePullSecrets").Select(static s => s.TextAt("name")));
        Assert.Contains("http://metrics.watch:9009/api/v1/push", chart.Notes, StringComparison.Ordinal);
        Assert.NotEqual(Checksum(chart), Checksum(new Chart(("config.log", "{level: debug}"))));
    }

    [Fact]
    public void UsesAllOfItsValues()
    {
        var templates = string.Concat(Chart.Templates().Select(File.ReadAllText)) + Repository.Text("deploy/helm/deucalion/templates/_helpers.tpl");
        Assert.All(Chart.Values().Children.Keys, key => Assert.Contains($".Values.{key}", templates, StringComparison.Ordinal));
    }

    [Fact]
    public void WaitsLongerThanANodeTakesToStop() =>
        Assert.InRange(int.Parse(new Chart().Pod.TextAt("terminationGracePeriodSeconds"), CultureInfo.InvariantCulture), 60, 300);

    private static string Checksum(Chart chart) => chart.StatefulSet.PairsAt("spec", "template", "metadata", "annotations")["checksum/config"];

    private static NodeOptions Options(Chart chart, Dictionary<string, string> secret)
    {
        var environment = chart.Environment();
        var options = new NodeOptions();
        ConfigFile.Apply(
            "deucalion.yml", chart.Of("ConfigMap", "metrics").TextAt("data", "deucalion.yml"), name => environment.GetValueOrDefault(name) ?? secret.GetValueOrDefault(name), options);
        return options;
    }
}
