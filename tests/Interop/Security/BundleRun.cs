using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Deucalion.Interop.Kit;
using Deucalion.Testing.Processes;
using Xunit;

namespace Deucalion.Interop.Security;

/// <summary>Runs <c>deucalion support-bundle</c> against a node.</summary>
internal static class BundleRun
{
    /// <summary>The names and texts of all its files and what the program printed, as one text.</summary>
    public static async Task<string> TextAsync(SecuredNode node, TemporaryDirectory directory, string token)
    {
        var tokenFile = directory.Child("token");
        var output = directory.Child("bundle.tar.gz");
        await File.WriteAllTextAsync(tokenFile, token + "\n");
        var run = await CommandRun.DeucalionAsync("support-bundle", "--url", node.Address.ToString(), "--token-file", tokenFile, "--output", output);
        var text = new StringBuilder(run.Output).Append(run.Errors);
        var names = new List<string>();
        await using var zipped = new GZipStream(File.OpenRead(output), CompressionMode.Decompress);
        await using var tar = new TarReader(zipped);
        while (await tar.GetNextEntryAsync(copyData: true) is { } entry)
        {
            names.Add(entry.Name);
            using var reader = new StreamReader(entry.DataStream!);
            text.Append(entry.Name).Append('\n').Append(await reader.ReadToEndAsync());
        }

        Assert.Equal(
            ["bundle/about.txt", "bundle/config.yml", "bundle/metrics.txt", "bundle/flags.json", "bundle/runtimeinfo.json", "bundle/buildinfo.json", "bundle/runtime.json", "bundle/routes.json", "bundle/log.txt",
                "bundle/ready.txt", "bundle/cluster-status.json", "bundle/cluster-nodes.json", "bundle/cluster-partitions.json"],
            names);
        return text.ToString();
    }
}
