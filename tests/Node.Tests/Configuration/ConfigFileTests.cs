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
    [InlineData("nope: 1", "c.yml:1: unknown key \"nope\"; allowed at the top: http, data, roles, log, telemetry, journal, ingest, retention, query")]
    [InlineData("http:\n  listen: x\n  port: 1", "c.yml:2: bad value \"x\" of key \"http.listen\": an address such as 127.0.0.1:9009, [::1]:9009 or :9009 (all interfaces) is allowed\nc.yml:3: unknown key \"http.port\"; allowed under \"http\": listen")]
    [InlineData("log:\n  level: loud", "c.yml:2: bad value \"loud\" of key \"log.level\": debug, info, warn, error is allowed")]
    [InlineData("query:\n  timeout: 10", "c.yml:2: bad value \"10\" of key \"query.timeout\": a duration such as 15s, 1h30m or 15d is allowed")]
    [InlineData("query:\n  timeout: 0s", "c.yml:2: bad value \"0s\" of key \"query.timeout\": a duration greater than zero is allowed")]
    [InlineData("query:\n  max_samples: 0", "c.yml:2: bad value \"0\" of key \"query.max_samples\": a whole number from 1 to 9223372036854775807 is allowed")]
    [InlineData("retention:\n  size: big", "c.yml:2: bad value \"big\" of key \"retention.size\": a size such as 1048576, 512MiB or 10GB is allowed, or off")]
    [InlineData("roles: [ruler, king]", "c.yml:1: bad value [ ruler, king ] of key \"roles\": \"king\" is none of ingester, querier, compactor, ruler")]
    [InlineData("data: here", "c.yml:1: key \"data\" must be a mapping with the keys path, limit")]
    [InlineData("- a", "c.yml:1: the file must be a mapping with the keys http, data, roles, log, telemetry, journal, ingest, retention, query")]
    [InlineData("data:\n  path: ${NOT_SET}", "c.yml:2: bad value \"${NOT_SET}\" of key \"data.path\": environment variable NOT_SET is not set; set it or write ${NOT_SET:-default}")]
    public void NamesFileLineKeyAndWhatIsAllowed_WhenSomethingIsWrong(string yaml, string message)
    {
        var error = Assert.Throws<ConfigurationException>(() => Load(yaml));
        Assert.Equal(message, error.Message);
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

    private static NodeOptions Load(string yaml)
    {
        var options = new NodeOptions();
        ConfigFile.Apply("c.yml", yaml, static name => name == "ROOT" ? "/srv" : null, options);
        return options;
    }
}
