using Deucalion.Testing.Processes;

namespace Deucalion.Cluster.Nodes;

/// <summary>The node as it was at a commit that <c>eng/past-versions</c> names: built once by <c>eng/build-version.sh</c>, and kept.</summary>
internal static class PastProgram
{
    // Two cores that others use too.
    private static readonly TimeSpan Built = TimeSpan.FromMinutes(30);

    /// <summary>Path of the program.</summary>
    public static async Task<string> BuildAsync(string name)
    {
        var commit = CommitOf(name, await File.ReadAllLinesAsync(Engineering("past-versions")));
        using var build = new ChildProcess(Engineering("build-version.sh"), [commit], NodeProgram.RepositoryRoot());
        var code = await build.WaitAsync(Built);
        var program = build.Output.TrimEnd().Split('\n')[^1];
        return code == 0 && File.Exists(program)
            ? program
            : throw new ClusterTestException($"the program of commit {commit} could not be built:\n{build.Output}", null);
    }

    /// <summary>The commit under a name.</summary>
    public static string CommitOf(string name, IEnumerable<string> lines) =>
        lines.Select(static line => line.Split(' ')).FirstOrDefault(words => words[0] == name && words.Length == 2)?[1]
            ?? throw new ClusterTestException($"eng/past-versions names no version '{name}'", null);

    private static string Engineering(string file) => Path.Combine(NodeProgram.RepositoryRoot(), "eng", file);
}
