using System.Net;
using System.Text.Json;
using Deucalion.Interop.Kit;
using Deucalion.Testing.Processes;
using Xunit;

namespace Deucalion.Interop.Security;

public sealed class OperatingAidsTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    [Trait("Category", "slow")]
    public async Task RecordsTheRunningProcess_OneRecordingAtATime()
    {
        using var node = await SecuredNode.StartAsync(_directory, string.Empty);
        var both = await Task.WhenAll(node.GetAsync("/debug/profile?seconds=10"), node.GetAsync("/debug/profile?seconds=10"));
        Assert.Single(both, static a => a.Status == HttpStatusCode.Conflict);
        var recorded = Assert.Single(both, static a => a.Status == HttpStatusCode.OK);
        Assert.StartsWith("Nettrace", recorded.Body, StringComparison.Ordinal);

        // Names are UTF-16 there: those of our methods are what makes a profile readable.
        Assert.Contains("D\0e\0u\0c\0a\0l\0i\0o\0n\0.\0N\0o\0d\0e\0", recorded.Body, StringComparison.Ordinal);
        var heap = await node.GetAsync("/debug/heap?seconds=1");
        Assert.StartsWith("Nettrace", heap.Body, StringComparison.Ordinal);
        Assert.True(heap.Body.Length > 100_000, $"{heap.Body.Length} bytes");
        Assert.Equal(HttpStatusCode.BadRequest, (await node.GetAsync("/debug/profile?seconds=301")).Status);

        using var runtime = JsonDocument.Parse((await node.GetAsync("/debug/runtime")).Body);
        Assert.InRange(runtime.RootElement.GetProperty("uptimeSeconds").GetDouble(), 0.1, 600);
        Assert.True(runtime.RootElement.GetProperty("threads").GetArrayLength() > 5);
        Assert.True(runtime.RootElement.GetProperty("memory").GetProperty("managedHeapBytes").GetInt64() > 100_000);
    }

    [Fact]
    public async Task TellsOfAReload_InTheRuntimeInformation()
    {
        using var node = await SecuredNode.StartAsync(_directory, "log:\n  level: info\n");
        await File.WriteAllTextAsync(_directory.Child("deucalion.yml"), "log:\n  level: loud\n");
        Assert.Equal(HttpStatusCode.InternalServerError, (await node.SendAsync("POST", "/-/reload")).Status);
        Assert.Contains("\"reloadConfigSuccess\":false", (await node.GetAsync("/api/v1/status/runtimeinfo")).Body, StringComparison.Ordinal);
        await File.WriteAllTextAsync(_directory.Child("deucalion.yml"), "log:\n  level: debug\n");
        Assert.Equal(HttpStatusCode.OK, (await node.SendAsync("POST", "/-/reload")).Status);
        Assert.Contains("\"reloadConfigSuccess\":true", (await node.GetAsync("/api/v1/status/runtimeinfo")).Body, StringComparison.Ordinal);
        Assert.Contains("  level: debug\n", (await node.GetAsync("/config")).Body, StringComparison.Ordinal);
        Assert.Contains("Listens on loopback alone", node.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TakesWhatTheProgramMakes_ForTokensUsersAndItsOwnClients()
    {
        var made = (await CommandRun.DeucalionAsync("auth", "token")).Output.Split('\n');
        var token = made[0]["token: ".Length..];
        Assert.Equal("hash: " + SecuredNode.Hash(token), made[1]);
        Assert.True(token.Length > 40, token);

        var program = NodeProcess.Program;
        var hash = await CommandRun.RunAsync("/bin/sh", "-c", $"echo 'correct horse battery' | {program} auth hash");
        Assert.Equal(0, hash.ExitCode);
        Assert.Equal(2, (await CommandRun.RunAsync("/bin/sh", "-c", $"echo short | {program} auth hash")).ExitCode);
        await File.WriteAllTextAsync(_directory.Child("access.yml"), $"""
            tokens:
              - name: operator
                hash: {SecuredNode.Hash(token)}
                tenants: ["*"]
                rights: [admin]
            users:
              - name: alice
                hash: {hash.Output.Trim()}
                tenants: [team-a]
                rights: [read]
            """);
        using var node = await SecuredNode.StartAsync(_directory, $"auth:\n  file: {_directory.Child("access.yml")}\n  metrics: open\ncluster:\n  listen: 127.0.0.1:{Ports.Free()}\n  replication_factor: 1\n");
        Assert.Equal(HttpStatusCode.OK, (await node.GetAsync("/api/v1/query?query=1", SecuredNode.Basic("alice", "correct horse battery"))).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await node.GetAsync("/api/v1/query?query=1", SecuredNode.Basic("alice", "correct horse"))).Status);
        Assert.Equal(HttpStatusCode.OK, (await node.GetAsync("/metrics")).Status);

        await File.WriteAllTextAsync(_directory.Child("token"), token);
        await File.WriteAllTextAsync(_directory.Child("password"), "correct horse battery\n");
        string[] status = ["cluster", "status", "--url", node.Address.ToString()];
        Assert.Equal(0, (await CommandRun.RunAsync(program, [.. status, "--token-file", _directory.Child("token")])).ExitCode);
        var nobody = await CommandRun.RunAsync(program, status);
        Assert.Equal(1, nobody.ExitCode);
        Assert.Contains("--token-file", nobody.Errors, StringComparison.Ordinal);
        var reader = await CommandRun.RunAsync(program, [.. status, "--user", "alice", "--password-file", _directory.Child("password")]);
        Assert.Equal(1, reader.ExitCode);
        Assert.Contains("the right admin is needed", reader.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("battery", node.Output + reader.Errors, StringComparison.Ordinal);
    }
}
