using Deucalion.Interop.Kit;
using Deucalion.Testing.Processes;
using Xunit;

namespace Deucalion.Interop.Guide;

public sealed class GuideTests
{
    [Fact]
    [Trait("Category", "slow")]
    public async Task DoesWhatItSays_CommandByCommand()
    {
        var (node, prometheus) = (Ports.Free(), Ports.Free());
        var page = GuidePage.Read(
            await File.ReadAllTextAsync(Path.Combine(NodeProcess.RepositoryRoot(), "docs", "getting-started.md"), TestContext.Current.CancellationToken),
            [
                ("./run tsdb", $"{NodeProcess.Program} tsdb"),
                ("./run", $"{NodeProcess.Program} --http.listen 127.0.0.1:9009"),
                ("prometheus --config", $"{PeerPrograms.Prometheus} --config"),
                ("127.0.0.1:9009", $"127.0.0.1:{node}"),
                ("127.0.0.1:9090", $"127.0.0.1:{prometheus}"),
            ]);
        Assert.True(page.Steps.Count(static s => s.Expected.Count > 0) > 5);
        using var directory = new TemporaryDirectory();
        foreach (var (name, content) in page.Files)
        {
            await File.WriteAllTextAsync(directory.Child(name), content, TestContext.Current.CancellationToken);
        }

        await File.WriteAllTextAsync(directory.Child("guide.sh"), page.Script, TestContext.Current.CancellationToken);
        using var shell = new ChildProcess("/bin/bash", ["guide.sh"], directory.Path);
        var code = await shell.WaitAsync(TimeSpan.FromMinutes(3));
        Assert.True(code == 0, $"the guide ended with {code}; its output:\n{shell.Output}");
        Assert.Empty(page.MissingIn(shell.Output.ReplaceLineEndings("\n")));
    }

    [Fact]
    public void NamesTheLinesThatAreMissing()
    {
        const string Text = "```sh\necho a b c\n```\n```text\na ... c\nd\n```\n```sh\necho e\n```\n";
        var page = GuidePage.Read(Text, []);
        Assert.Equal(["step 0: d"], page.MissingIn("=== step 0\ntime=1 log\na b c\n=== step 1\nd\n"));
        Assert.Empty(page.MissingIn("=== step 0\na b c\nd\n=== step 1\ne\n"));
        Assert.Equal(2, page.MissingIn(string.Empty).Count);
    }
}
