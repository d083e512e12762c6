using System.Runtime.CompilerServices;
using IOPath = System.IO.Path;

namespace Deucalion.Testing.Processes;

/// <summary>The built node, of the same configuration (Debug or Release) as the test that asks.</summary>
public static class NodeProgram
{
    /// <summary>Path of the program.</summary>
    public static string Path { get; } = IOPath.Combine(RepositoryRoot(), "src", "Node", "bin", BuildFolder(), "net10.0", "deucalion");

    /// <summary>The folder that holds <c>Cluster.sln</c>.</summary>
    public static string RepositoryRoot([CallerFilePath] string file = "") => IOPath.GetFullPath(IOPath.Combine(IOPath.GetDirectoryName(file)!, "..", "..", ".."));

    private static string BuildFolder() => AppContext.BaseDirectory.Contains("/Release/", StringComparison.Ordinal) ? "Release" : "Debug";
}
