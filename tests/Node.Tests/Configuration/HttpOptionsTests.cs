using Deucalion.Node.Configuration;
using Xunit;

namespace Deucalion.Node.Tests.Configuration;

public sealed class HttpOptionsTests
{
    [Theory]
    [InlineData("", "", "")]
    [InlineData("https://example.org", "", "")]
    [InlineData("https://example.org/", "", "")]
    [InlineData("https://example.org/a/b/", "", "/a/b")]
    [InlineData("https://example.org/a/b", "/", "")]
    [InlineData("https://example.org/a/b", "/c", "/c")]
    [InlineData("", "/c/d/", "/c/d")]
    public void TakesThePrefixFromTheExternalAddress_UnlessOneIsGiven(string externalUrl, string routePrefix, string prefix)
    {
        var options = new NodeOptions();
        ConfigFile.Apply("c.yml", $"http: {{ external_url: '{externalUrl}', route_prefix: '{routePrefix}' }}", static _ => null, options);
        Assert.Equal(prefix, options.RoutePrefix);
    }

    [Theory]
    [InlineData("external_url: example.org")]
    [InlineData("external_url: ftp://example.org")]
    [InlineData("external_url: https://user:secret@example.org")]
    [InlineData("external_url: https://example.org/?a=b")]
    [InlineData("route_prefix: a")]
    [InlineData("route_prefix: /a//b")]
    [InlineData("route_prefix: /a/../b")]
    [InlineData("route_prefix: /a b")]
    [InlineData("route_prefix: /{a}")]
    public void RefusesWhatIsNone(string line) =>
        Assert.Contains("is allowed", Assert.Throws<ConfigurationException>(() => ConfigFile.Apply("c.yml", $"http:\n  {line}\n", static _ => null, new NodeOptions())).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("cert_file: a", "http.tls.cert_file and http.tls.key_file are given both or neither")]
    [InlineData("key_file: a", "http.tls.cert_file and http.tls.key_file are given both or neither")]
    [InlineData("client_ca_file: a", "http.tls.client_ca_file needs http.tls.cert_file and http.tls.key_file")]
    public void NeedsCertificateAndKeyTogether(string line, string message)
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, $"http:\n  tls:\n    {line}\n");
            Assert.Equal(message, Assert.Throws<ConfigurationException>(() => new ConfigSource(file, new Dictionary<string, string?>()).Load()).Message);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
