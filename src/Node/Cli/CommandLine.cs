using System.CommandLine;
using System.Reflection;
using Deucalion.Node.Cli.Access;
using Deucalion.Node.Cli.Cluster;
using Deucalion.Node.Cli.Support;
using Deucalion.Node.Configuration;
using Deucalion.Node.Hosting;

namespace Deucalion.Node.Cli;

/// <summary>The command line: without a verb it runs the node.</summary>
internal static class CommandLine
{
    /// <summary>Version of the build, such as <c>0.1.0</c>.</summary>
    public static string Version => Informational.Split('+')[0];

    /// <summary>Commit of the build, or empty where it was built outside a repository.</summary>
    public static string Revision => Informational.Contains('+', StringComparison.Ordinal) ? Informational[(Informational.IndexOf('+', StringComparison.Ordinal) + 1)..] : string.Empty;

    private static string Informational { get; } =
        typeof(CommandLine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    /// <summary>Parses and runs; returns the exit code: 0 after a clean stop, 1 for a failure, 2 for bad configuration or usage.</summary>
    public static Task<int> RunAsync(string[] args) => RunAsync(args, Console.Out, Console.Error);

    /// <summary>The same, with verbs that write text to other places than the console.</summary>
    internal static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter errors)
    {
        var configFile = new Option<string?>("--config.file") { Description = "YAML configuration file; docs/configuration.md lists its keys.", HelpName = "file" };
        var dataPath = new Option<string?>("--data.path") { Description = "Directory of all data [default: ./data].", HelpName = "directory" };
        var httpListen = new Option<string?>("--http.listen") { Description = "Address and port of the HTTP server [default: 127.0.0.1:9009].", HelpName = "address" };
        var roles = new Option<string?>("--roles") { Description = "Comma-separated roles of this node: ingester, querier, compactor, ruler [default: all].", HelpName = "list" };
        var salvage = new Option<bool>("--wal.salvage") { Description = "Open a damaged journal without what is damaged, and say what was lost. The damaged files are kept aside." };
        var root = new RootCommand("Deucalion: long-term storage for Prometheus metrics. Starts a node.") { configFile, dataPath, httpListen, roles, salvage, PromQlCommand.Create(), TestCommand.Create(), TsdbCommand.Create(), BucketCommand.Create(), ClusterCommand.Create(), TenantsCommand.Create(), AuthCommand.Create(), SupportBundleCommand.Create() };
        root.SetAction(async (result, cancellationToken) =>
        {
            var source = new ConfigSource(
                result.GetValue(configFile),
                new Dictionary<string, string?>
                {
                    ["data.path"] = result.GetValue(dataPath),
                    ["http.listen"] = result.GetValue(httpListen),
                    ["roles"] = result.GetValue(roles),
                });
            NodeOptions options;
            try
            {
                options = source.Load();
            }
            catch (ConfigurationException e)
            {
                await Console.Error.WriteLineAsync($"deucalion: the configuration cannot be used:\n{e.Message}");
                return 2;
            }

            return await NodeHost.RunAsync(source, options, result.GetValue(salvage), cancellationToken);
        });
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
            {
                await errors.WriteLineAsync($"deucalion: {error.Message}");
            }

            await errors.WriteLineAsync("deucalion: --help shows what is allowed");
            return 2;
        }

        // The host handles SIGINT and SIGTERM itself: it stops in order and then returns.
        return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null, Output = output, Error = errors });
    }
}
