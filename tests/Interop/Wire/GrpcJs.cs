using System.Globalization;
using Deucalion.Interop.Kit;
using Deucalion.Testing.Processes;

namespace Deucalion.Interop.Wire;

/// <summary>The programs beside this file, run by node.</summary>
internal static class GrpcJs
{
    private static string Folder { get; } = Path.Combine(NodeProcess.RepositoryRoot(), "tests", "Interop", "Wire");

    public static ChildProcess StartServer(int port, params string[] certificates) => Start("server.js", [port.ToString(CultureInfo.InvariantCulture), .. certificates]);

    public static ChildProcess StartClient(string address, params string[] certificates) => Start("client.js", [address, .. certificates]);

    private static ChildProcess Start(string script, IEnumerable<string> arguments) =>
        Directory.Exists(Path.Combine(Folder, "node_modules"))
            ? new ChildProcess("node", [script, .. arguments], Folder)
            : throw new InvalidOperationException($"{Folder} has no node_modules; eng/peers.sh installs them");
}
