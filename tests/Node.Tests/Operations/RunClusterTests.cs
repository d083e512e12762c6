using Deucalion.Testing.Processes;
using Xunit;

namespace Deucalion.Node.Tests.Operations;

/// <summary><c>./run cluster</c> where a program that it needs is missing or fails. It runs from a copy, with nothing on its path but what a test puts there: it gets as far as the build.</summary>
public sealed class RunClusterTests : IDisposable
{
    private const string Failing = "#!/bin/bash\necho \"$(basename \"$0\") says why\" >&2\nexit 1\n";

    private static readonly string[] Tools = ["basename", "cat", "dirname", "grep", "mkdir", "mv", "rm", "sed", "seq", "sleep", "tail", "tr"];

    private readonly TemporaryDirectory _root = new();

    public RunClusterTests()
    {
        Directory.CreateDirectory(_root.Child("eng"));
        Directory.CreateDirectory(_root.Child("bin"));
        File.Copy(Repository.PathOf("eng/cluster.sh"), _root.Child("eng/cluster.sh"));
        foreach (var tool in Tools)
        {
            File.CreateSymbolicLink(_root.Child($"bin/{tool}"), Installed(tool));
        }

        // Whoever gets this far would have started nodes.
        Put("dotnet", Failing);
        Put("curl", Failing);
    }

    public void Dispose() => _root.Dispose();

    [Fact]
    public async Task SaysThatOpensslIsMissing_AndStartsNothing()
    {
        var (exitCode, output) = await RunAsync("--tls");
        Assert.Contains("openssl is not installed, and is needed to make certificates (--tls)", output, StringComparison.Ordinal);
        Assert.Equal(2, exitCode);
    }

    [Fact]
    public async Task ShowsWhyOpensslFails_AndStartsNothing()
    {
        var before = _root.Child("data/cluster/tls/ca.pem");
        Directory.CreateDirectory(Path.GetDirectoryName(before)!);
        await File.WriteAllTextAsync(before, "kept", TestContext.Current.CancellationToken);
        Put("openssl", Failing);
        var (exitCode, output) = await RunAsync("--tls");
        Assert.Contains("openssl says why", output, StringComparison.Ordinal);
        Assert.Contains("there are no certificates, for 'openssl req' failed as above; no node was started", output, StringComparison.Ordinal);
        Assert.DoesNotContain("dotnet says why", output, StringComparison.Ordinal);
        Assert.Equal(2, exitCode);
        Assert.Equal("kept", await File.ReadAllTextAsync(before, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("")]
    [InlineData("--tls")]
    [InlineData("status")]
    [InlineData("start 1")]
    public async Task SaysThatCurlIsMissing(string arguments)
    {
        File.Delete(_root.Child("bin/curl"));
        var (exitCode, output) = await RunAsync(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("curl is not installed", output, StringComparison.Ordinal);
        Assert.Equal(2, exitCode);
    }

    [Fact]
    public async Task MakesCertificatesOfOneAuthority_BeforeItBuilds()
    {
        File.CreateSymbolicLink(_root.Child("bin/openssl"), Installed("openssl"));
        var (exitCode, output) = await RunAsync("--tls");
        Assert.Contains("dotnet says why", output, StringComparison.Ordinal);
        Assert.Equal(1, exitCode);
        foreach (var file in new[] { "ca.pem", "node1.pem", "node1.key", "node3.pem", "node3.key" })
        {
            Assert.StartsWith("-----BEGIN", await File.ReadAllTextAsync(_root.Child($"data/cluster/tls/{file}"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }
    }

    private static string Installed(string program)
    {
        var found = new[] { "/usr/bin", "/bin", "/usr/local/bin" }.Select(directory => Path.Combine(directory, program)).FirstOrDefault(File.Exists);
        Assert.True(found is not null, $"{program} is not installed");
        return found!;
    }

    private void Put(string program, string text)
    {
        var path = _root.Child($"bin/{program}");
        File.WriteAllText(path, text);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private async Task<(int ExitCode, string Output)> RunAsync(params string[] arguments)
    {
        var environment = new Dictionary<string, string> { ["PATH"] = _root.Child("bin") };
        using var shell = new ChildProcess("/bin/bash", [_root.Child("eng/cluster.sh"), .. arguments], _root.Path, environment);
        return (await shell.WaitAsync(TimeSpan.FromSeconds(60)), shell.Output);
    }
}
