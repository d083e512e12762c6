using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Text;
using Deucalion.Node.Cli.Cluster;

namespace Deucalion.Node.Cli.Support;

/// <summary>Asks a node for what helps to understand it and packs the answers. What the node does not answer is named instead.</summary>
internal sealed class SupportBundle(HttpClient node, TimeProvider time)
{
    private const string Directory = "bundle/";

    // No question about a tenant's own data: a bundle may be passed on.
    private static readonly (string Path, string File)[] Questions =
    [
        ("config", "config.yml"),
        ("metrics", "metrics.txt"),
        ("api/v1/status/flags", "flags.json"),
        ("api/v1/status/runtimeinfo", "runtimeinfo.json"),
        ("api/v1/status/buildinfo", "buildinfo.json"),
        ("debug/runtime", "runtime.json"),
        ("debug/routes", "routes.json"),
        ("debug/logs", "log.txt"),
        ("ready", "ready.txt"),
        ("api/v1/cluster/status", "cluster-status.json"),
        ("api/v1/cluster/nodes", "cluster-nodes.json"),
        ("api/v1/cluster/partitions", "cluster-partitions.json"),
    ];

    /// <summary>Writes the file; returns what is not in it and why.</summary>
    /// <exception cref="ClusterCallException">The node does not answer at all, or refuses the credentials.</exception>
    public async Task<IReadOnlyList<string>> WriteAsync(string file, CancellationToken cancellationToken)
    {
        var missing = new List<string>();
        var answers = new List<(string File, byte[] Content)>();
        foreach (var (path, name) in Questions)
        {
            var (status, content) = await AskAsync(path, cancellationToken);
            if (status == HttpStatusCode.Unauthorized)
            {
                throw new ClusterCallException("the node does not take the credentials (--token-file, or --user and --password-file)", mayPass: false);
            }

            // A node that is not ready says why.
            if (status == HttpStatusCode.OK || name == "ready.txt")
            {
                answers.Add((name, content));
            }
            else
            {
                missing.Add(string.Create(CultureInfo.InvariantCulture, $"{path}: {(int)status} {Line(content)}"));
            }
        }

        var about = $"made {time.GetUtcNow():u} by deucalion {CommandLine.Version} {CommandLine.Revision} of {node.BaseAddress!.GetLeftPart(UriPartial.Path)}\n"
            + string.Concat(missing.Select(static m => $"missing: {m}\n"));
        await PackAsync(file, [("about.txt", Encoding.UTF8.GetBytes(about)), .. answers], cancellationToken);
        return missing;
    }

    private async Task<(HttpStatusCode Status, byte[] Content)> AskAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await node.GetAsync(new Uri(path, UriKind.Relative), cancellationToken);
            return (response.StatusCode, await response.Content.ReadAsByteArrayAsync(cancellationToken));
        }
        catch (Exception e) when (e is HttpRequestException || (e is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new ClusterCallException($"the node at {node.BaseAddress} cannot be reached: {e.Message}", mayPass: true, e);
        }
    }

    private async Task PackAsync(string file, IEnumerable<(string File, byte[] Content)> answers, CancellationToken cancellationToken)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        await using var target = new FileStream(file, options);
        await using var zipped = new GZipStream(target, CompressionLevel.Optimal);
        await using var tar = new TarWriter(zipped);
        foreach (var (name, content) in answers)
        {
            await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, Directory + name) { DataStream = new MemoryStream(content), ModificationTime = time.GetUtcNow() }, cancellationToken);
        }
    }

    private static string Line(byte[] content)
    {
        var line = Encoding.UTF8.GetString(content).Trim().Split('\n')[0];
        return line[..Math.Min(200, line.Length)];
    }
}
