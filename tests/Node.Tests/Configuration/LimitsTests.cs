using Deucalion.Common.Limits;
using Deucalion.Common.Tenants;
using Deucalion.Node.Configuration;
using Deucalion.Node.Hosting;
using Deucalion.Testing.Processes;
using Xunit;

namespace Deucalion.Node.Tests.Configuration;

/// <summary>Limits of tenants in the configuration: in the main file, and in one of their own.</summary>
public sealed class LimitsTests
{
    private const string All = "ingestion_rate, ingestion_burst, max_active_series, max_labels_per_series, max_label_name_length, max_label_value_length, max_request_size, "
        + "query_timeout, query_max_samples, query_max_bytes, query_max_range, query_max_concurrent, retention_time, retention_size";

    [Fact]
    public void GivesTenantsTheirOwn_ThenTheDefaults_ThenTheNodesBounds()
    {
        var options = Load("""
            limits:
              defaults: { ingestion_rate: 1000, query_timeout: 30s }
              overrides:
                a: { ingestion_rate: off, max_request_size: 1MiB, query_max_range: 7d }
                "b.c-1": { query_max_concurrent: 2 }
            query: { timeout: 1m, max_concurrent: 8 }
            """);
        var limits = options.Limits.ToLimits(options);
        var (a, b, other) = (limits.Of(Tenant("a")), limits.Of(Tenant("b.c-1")), limits.Of(TenantId.Anonymous));
        Assert.Equal(((long?)null, 1 << 20, (TimeSpan?)TimeSpan.FromDays(7), 8), (a.IngestionRate, a.MaxRequestBytes, a.QueryMaxRange, a.QueryMaxConcurrent));
        Assert.Equal(((long?)1000, 32 << 20, (TimeSpan?)null, 2), (b.IngestionRate, b.MaxRequestBytes, b.QueryMaxRange, b.QueryMaxConcurrent));
        Assert.Equal(((long?)1000, TimeSpan.FromSeconds(30), 8), (other.IngestionRate, other.QueryTimeout, other.QueryMaxConcurrent));
        Assert.Equal(["a", "b.c-1"], limits.Overridden.Select(static t => t.Value));
        Assert.Equal(
            ["limits.overrides.a.ingestion_rate", "limits.defaults.query_timeout", "query.max_concurrent", "default"],
            new[] { "ingestion_rate", "query_timeout", "query_max_concurrent", "ingestion_burst" }.Select(name => options.Limits.OriginOf(Tenant("a"), LimitSchema.ByName[name])));
    }

    [Fact]
    public void GivesTenantsTheirOwnRetention_LongerOrShorterThanTheNodes()
    {
        var options = Load("""
            retention: { time: 30d }
            limits:
              overrides:
                short: { retention_time: 7d, retention_size: 1GiB }
                long: { retention_time: 400d }
                all: { retention_time: off }
            """);
        var retention = new TenantRetention(new ReloadableLimits(options.Limits.ToLimits(options)));
        Assert.Equal(
            [TimeSpan.FromDays(7), TimeSpan.FromDays(400), null, TimeSpan.FromDays(30)], new[] { "short", "long", "all", "other" }.Select(retention.TimeOf));
        Assert.Equal([1L << 30, null], new[] { "short", "other" }.Select(retention.SizeOf));
        Assert.Null(retention.TimeOf("no tenant / at all"));
    }

    [Fact]
    public void AcceptsEveryKeyWithItsDefault()
    {
        var defaults = string.Join('\n', LimitSchema.Keys.Select(static key => $"    {key.Name}: {key.Get(Deucalion.Common.Limits.TenantLimits.Default)}"));
        var options = Load($"limits:\n  defaults:\n{defaults}\n");
        Assert.Equal(LimitSchema.Keys.Count, options.Limits.Defaults.Count);
        Assert.Equal(LimitSchema.BoundsOf(options), options.Limits.ToLimits(options).Defaults with { Bounds = null });
    }

    [Fact]
    public void ShowsWhatIsConfigured_SoThatItCouldBeReadAgain()
    {
        var options = Load("limits: { defaults: { ingestion_rate: 5 }, overrides: { b: { max_active_series: 7 }, a: { ingestion_rate: off } } }");
        var yaml = ConfigSchema.ToYaml(options);
        Assert.Contains(
            "limits:\n  file: ''\n  defaults:\n    ingestion_rate: 5\n  overrides:\n    \"a\":\n      ingestion_rate: off\n    \"b\":\n      max_active_series: 7\n",
            yaml,
            StringComparison.Ordinal);
        Assert.Equal(yaml, ConfigSchema.ToYaml(Load(yaml)));
    }

    [Theory]
    [InlineData("limits:\n  nope: 1", "c.yml:2: unknown key \"limits.nope\"; allowed under \"limits\": file, defaults, overrides")]
    [InlineData("limits:\n  defaults:\n    rate: 1", "c.yml:3: unknown key \"limits.defaults.rate\"; allowed under \"limits.defaults\": " + All)]
    [InlineData("limits:\n  overrides:\n    a:\n      rate: 1", "c.yml:4: unknown key \"limits.overrides.a.rate\"; allowed under \"limits.overrides.a\": " + All)]
    [InlineData("limits:\n  overrides:\n    a/b: {}", "c.yml:3: bad tenant \"a/b\" under \"limits.overrides\": tenant ID contains unsupported character '/'")]
    [InlineData("limits:\n  overrides:\n    a: 5", "c.yml:3: key \"limits.overrides.a\" must be a mapping with the keys " + All)]
    [InlineData("limits:\n  overrides: [a]", "c.yml:2: key \"limits.overrides\" must be a mapping with names of tenants")]
    [InlineData("limits:\n  defaults: 7", "c.yml:2: key \"limits.defaults\" must be a mapping with the keys " + All)]
    [InlineData("limits: 7", "c.yml:1: key \"limits\" must be a mapping with the keys file, defaults, overrides")]
    [InlineData("limits: {defaults: {ingestion_rate: 0}}", "c.yml:1: bad value \"0\" of key \"limits.defaults.ingestion_rate\": a whole number from 1 to 9223372036854775807 is allowed, or off")]
    [InlineData("limits: {defaults: {ingestion_rate: -3}}", "c.yml:1: bad value \"-3\" of key \"limits.defaults.ingestion_rate\": a whole number from 1 to 9223372036854775807 is allowed, or off")]
    [InlineData("limits: {defaults: {ingestion_rate: 1e6}}", "c.yml:1: bad value \"1e6\" of key \"limits.defaults.ingestion_rate\": a whole number from 1 to 9223372036854775807 is allowed, or off")]
    [InlineData("limits: {defaults: {ingestion_burst: off}}", "c.yml:1: bad value \"off\" of key \"limits.defaults.ingestion_burst\": a whole number from 1 to 9223372036854775807 is allowed")]
    [InlineData("limits: {defaults: {max_active_series: }}", "c.yml:1: bad value \"\" of key \"limits.defaults.max_active_series\": a whole number from 1 to 9223372036854775807 is allowed, or off")]
    [InlineData("limits: {defaults: {max_active_series: [1]}}", "c.yml:1: bad value [ 1 ] of key \"limits.defaults.max_active_series\": number or off is allowed, not a list")]
    [InlineData("limits: {defaults: {max_active_series: {a: 1}}}", "c.yml:1: bad value { { a, 1 } } of key \"limits.defaults.max_active_series\": number or off is allowed, not a mapping")]
    [InlineData("limits: {defaults: {max_request_size: 1 MiB}}", "c.yml:1: bad value \"1 MiB\" of key \"limits.defaults.max_request_size\": a size such as 1048576, 512MiB or 10GB is allowed")]
    [InlineData("limits: {defaults: {max_request_size: 33MiB}}", "c.yml:1: bad value \"33MiB\" of key \"limits.defaults.max_request_size\": at most 32MiB is allowed, the node's own bound (ingest.max_request_size)")]
    [InlineData("limits: {defaults: {max_labels_per_series: 300}}", "c.yml:1: bad value \"300\" of key \"limits.defaults.max_labels_per_series\": at most 256 is allowed, the node's own bound (ingest.max_labels_per_series)")]
    [InlineData("limits: {overrides: {a: {query_timeout: 3m}}}", "c.yml:1: bad value \"3m\" of key \"limits.overrides.a.query_timeout\": at most 2m is allowed, the node's own bound (query.timeout)")]
    [InlineData("limits: {overrides: {a: {query_max_range: 7}}}", "c.yml:1: bad value \"7\" of key \"limits.overrides.a.query_max_range\": a duration such as 15s, 1h30m or 15d is allowed, or off")]
    [InlineData("limits: {overrides: {a: {query_max_concurrent: 21}}}", "c.yml:1: bad value \"21\" of key \"limits.overrides.a.query_max_concurrent\": at most 20 is allowed, the node's own bound (query.max_concurrent)")]
    [InlineData("limits: {overrides: {a: {query_max_bytes: ${NOT_SET}}}}", null)]
    [InlineData("limits:\n  defaults:\n    ingestion_rate: \"${NOT_SET}\"", "c.yml:3: bad value \"${NOT_SET}\" of key \"limits.defaults.ingestion_rate\": environment variable NOT_SET is not set; set it or write ${NOT_SET:-default}")]
    [InlineData("limits: {overrides: {a: {ingestion_rate: x, nope: 1}, '': {}}}", "c.yml:1: bad value \"x\" of key \"limits.overrides.a.ingestion_rate\": a whole number from 1 to 9223372036854775807 is allowed, or off\n"
        + "c.yml:1: unknown key \"limits.overrides.a.nope\"; allowed under \"limits.overrides.a\": " + All + "\nc.yml:1: bad tenant \"\" under \"limits.overrides\": tenant ID is empty")]
    public void NamesFileLineKeyAndWhatIsAllowed_WhenSomethingIsWrong(string yaml, string? message)
    {
        var error = Assert.Throws<ConfigurationException>(() => Load(yaml));
        if (message is not null)
        {
            Assert.Equal(message, error.Message);
        }
    }

    [Fact]
    public void ChecksLimitsAgainstBounds_WhereverInTheFileTheseAre() =>
        Assert.Equal(33 << 20, Limits("limits: {defaults: {max_request_size: 33MiB}}\ningest: {max_request_size: 64MiB}").MaxRequestBytes);

    [Fact]
    public void KeepsWithinTheBoundsInForce_WhenTheFilesBoundsNeedARestart()
    {
        var loaded = Load("limits: {defaults: {query_timeout: 5m, query_max_samples: 7}}\nquery: {timeout: 10m}");
        var limits = loaded.Limits.ToLimits(new NodeOptions()).Defaults;
        Assert.Equal((TimeSpan.FromMinutes(2), 7L), (limits.QueryTimeout, limits.QueryMaxSamples));
    }

    [Fact]
    public void ReadsAFileOfItsOwn()
    {
        using var directory = new TemporaryDirectory();
        var file = directory.Child("limits.yml");
        var main = directory.Child("deucalion.yml");
        File.WriteAllText(main, $"limits: {{ file: \"{file}\" }}");
        File.WriteAllText(file, "defaults: { ingestion_rate: 3 }\noverrides:\n  a: { ingestion_rate: 4 }\n");
        var options = Source(main).Load();
        Assert.Equal(((long?)3, (long?)4), (options.Limits.ToLimits(options).Defaults.IngestionRate, options.Limits.ToLimits(options).Of(Tenant("a")).IngestionRate));

        File.WriteAllText(file, "defaults:\n  ingestion_rate: 3\nrest: 1\noverrides:\n  a:\n    nope: 1\n");
        Assert.Equal(
            $"{file}:3: unknown key \"rest\"; allowed at the top: defaults, overrides\n{file}:6: unknown key \"overrides.a.nope\"; allowed under \"overrides.a\": {All}",
            Assert.Throws<ConfigurationException>(() => Source(main).Load()).Message);
        File.WriteAllText(file, "- a");
        Assert.Equal($"{file}:1: the file must be a mapping with the keys defaults, overrides", Assert.Throws<ConfigurationException>(() => Source(main).Load()).Message);
        File.WriteAllText(file, string.Empty);
        Assert.Empty(Source(main).Load().Limits.Overrides);
        File.Delete(file);
        Assert.StartsWith($"{file}: cannot be read: ", Assert.Throws<ConfigurationException>(() => Source(main).Load()).Message, StringComparison.Ordinal);

        File.WriteAllText(main, $"limits: {{ file: \"{file}\", defaults: {{ ingestion_rate: 3 }} }}");
        Assert.Equal(
            "limits are in limits.file or below limits.defaults and limits.overrides, not in both", Assert.Throws<ConfigurationException>(() => Source(main).Load()).Message);
    }

    private static ConfigSource Source(string file) => new(file, new Dictionary<string, string?>());

    private static Deucalion.Common.Limits.TenantLimits Limits(string yaml)
    {
        var options = Load(yaml);
        return options.Limits.ToLimits(options).Defaults;
    }

    private static NodeOptions Load(string yaml)
    {
        var options = new NodeOptions();
        ConfigFile.Apply("c.yml", yaml, static _ => null, options);
        return options;
    }

    private static TenantId Tenant(string name) => TenantId.TryParse(name, out var tenant, out var error) ? tenant : throw new ArgumentException(error);
}
