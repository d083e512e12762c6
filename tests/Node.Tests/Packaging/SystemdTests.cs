using Deucalion.Node.Configuration;
using Deucalion.Node.Tests.Operations;
using Deucalion.Testing.Processes;
using Xunit;

namespace Deucalion.Node.Tests.Packaging;

public sealed class SystemdTests
{
    private const string Unit = "deploy/systemd/deucalion.service";
    private const string Program = "/usr/lib/deucalion/deucalion";
    private const string Analyzer = "/usr/bin/systemd-analyze";

    /// <summary>What the unit may say, by section: a key that systemd does not know it ignores with a line in the log.</summary>
    private static readonly Dictionary<string, string[]> Known = new()
    {
        ["Unit"] = ["Description", "Documentation", "Wants", "After"],
        ["Service"] =
        [
            "Type", "User", "Group", "EnvironmentFile", "ExecStart", "ExecReload", "KillSignal", "TimeoutStopSec", "Restart", "RestartSec", "RestartPreventExitStatus", "LimitNOFILE",
            "StateDirectory", "StateDirectoryMode", "WorkingDirectory", "UMask", "NoNewPrivileges", "CapabilityBoundingSet", "AmbientCapabilities", "ProtectSystem", "ProtectHome", "PrivateTmp",
            "PrivateDevices", "ProtectHostname", "ProtectClock", "ProtectControlGroups", "ProtectKernelLogs", "ProtectKernelModules", "ProtectKernelTunables", "ProtectProc",
            "RestrictAddressFamilies", "RestrictNamespaces", "RestrictRealtime", "RestrictSUIDSGID", "LockPersonality", "SystemCallArchitectures", "SystemCallFilter", "SystemCallErrorNumber",
        ],
        ["Install"] = ["WantedBy"],
    };

    [Fact]
    public void StartsTheNode_WithItsDataWhereItMayWrite()
    {
        var unit = Read();
        Assert.Equal($"{Program} --config.file /etc/deucalion/deucalion.yml", unit["Service.ExecStart"]);
        var options = new NodeOptions();
        ConfigFile.Apply("deucalion.yml", Repository.Text("deploy/systemd/deucalion.yml"), static _ => null, options);
        Assert.Equal($"/var/lib/{unit["Service.StateDirectory"]}", options.DataPath);
        Assert.Contains($"u {unit["Service.User"]} ", Repository.Text("deploy/systemd/sysusers.conf"), StringComparison.Ordinal);
    }

    [Fact]
    public void LetsTheNodeHandItsPartitionsOver_AndStaysDownWithAWrongConfiguration()
    {
        var unit = Read();
        Assert.Equal(("SIGTERM", "60"), (unit["Service.KillSignal"], unit["Service.TimeoutStopSec"]));
        Assert.Equal(("on-failure", "2"), (unit["Service.Restart"], unit["Service.RestartPreventExitStatus"]));
    }

    [Fact]
    public void IsHardened()
    {
        var unit = Read();
        Assert.Equal(("true", "strict", string.Empty), (unit["Service.NoNewPrivileges"], unit["Service.ProtectSystem"], unit["Service.CapabilityBoundingSet"]));
        Assert.False(unit.ContainsKey("Service.MemoryDenyWriteExecute"), "the runtime compiles at run time");
    }

    [Fact]
    public async Task IsAUnitThatSystemdTakes()
    {
        Assert.All(Read().Keys, static key => Assert.Contains(key.Split('.')[1], Known[key.Split('.')[0]]));
        if (!File.Exists(Analyzer))
        {
            return;
        }

        // It also looks for the program.
        using var directory = new TemporaryDirectory();
        var copy = directory.Child("deucalion.service");
        await File.WriteAllTextAsync(copy, Repository.Text(Unit).Replace(Program, Environment.ProcessPath, StringComparison.Ordinal));
        using var analyzer = new ChildProcess(Analyzer, ["verify", "--man=no", copy]);
        Assert.Equal(0, await analyzer.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.DoesNotContain("deucalion.service:", analyzer.Output, StringComparison.Ordinal);
    }

    private static Dictionary<string, string> Read()
    {
        var section = string.Empty;
        var result = new Dictionary<string, string>();
        foreach (var line in Repository.Text(Unit).Split('\n').Where(static l => l.Length > 0 && l[0] != '#'))
        {
            if (line.StartsWith('['))
            {
                section = line.Trim('[', ']');
                continue;
            }

            var parts = line.Split('=', 2);
            result.Add($"{section}.{parts[0]}", parts[1]);
        }

        return result;
    }
}
