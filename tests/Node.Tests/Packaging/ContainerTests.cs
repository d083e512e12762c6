using System.Text.RegularExpressions;
using Deucalion.Node.Configuration;
using Deucalion.Node.Tests.Operations;
using Xunit;

namespace Deucalion.Node.Tests.Packaging;

public sealed partial class ContainerTests
{
    private static readonly string[] Lines = Repository.Text("deploy/Containerfile").Split('\n');

    [Fact]
    public void RunsWithTheConfigurationThatIsInIt()
    {
        var options = new NodeOptions();
        ConfigFile.Apply("deucalion.yml", Repository.Text("deploy/container/deucalion.yml"), static _ => null, options);
        Assert.Contains($"VOLUME {options.DataPath}", Lines);
        Assert.Contains($"EXPOSE {options.HttpListen[1..]} 9095", Lines);
        Assert.Contains("COPY deploy/container/deucalion.yml /etc/deucalion/deucalion.yml", Lines);
        Assert.Contains("CMD [\"--config.file\", \"/etc/deucalion/deucalion.yml\"]", Lines);
        Assert.Contains("USER $APP_UID", Lines);
    }

    [Fact]
    public void CopiesFilesThatAreThere_AndNotLeftOut()
    {
        var sources = Lines.Select(static line => Copy().Match(line)).Where(static m => m.Success).SelectMany(static m => m.Groups[1].Value.Split(' ')).ToList();
        Assert.Contains("src", sources);
        var kept = Repository.Text("deploy/Containerfile.dockerignore").Split('\n').Where(static l => l.StartsWith('!')).Select(static l => l[1..]).ToList();
        Assert.All(sources, source =>
        {
            Assert.True(Directory.EnumerateFileSystemEntries(Repository.PathOf(string.Empty), source).Any() || Path.Exists(Repository.PathOf(source)), $"{source} is missing");
            Assert.Contains(kept, k => source == k || source.StartsWith(k + "/", StringComparison.Ordinal));
        });
    }

    [GeneratedRegex("^COPY (?!--)(.+) [^ ]+$")]
    private static partial Regex Copy();
}
