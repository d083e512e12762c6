using System.CommandLine;
using Deucalion.Node.Cli.Access;
using Deucalion.Node.Cli.Cluster;

namespace Deucalion.Node.Cli.Support;

/// <summary><c>support-bundle</c>: collects what helps to understand a node into one file that may be passed on.</summary>
internal static class SupportBundleCommand
{
    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var url = new Option<string>("--url") { Description = "The node.", DefaultValueFactory = static _ => ClusterClient.DefaultUrl, HelpName = "address" };
        var output = new Option<string>("--output") { Description = "The file to write.", DefaultValueFactory = static _ => "deucalion-support.tar.gz", HelpName = "file" };
        var access = new NodeAccess();
        var command = new Command("support-bundle", "Collects configuration (without secrets), metrics, state, versions and the last log lines of a running node into one file. No samples and no label values are in it.") { url, output };
        access.AddTo(command);
        command.SetAction(async (result, cancellationToken) =>
        {
            var errors = result.InvocationConfiguration.Error;
            var file = result.GetRequiredValue(output);
            try
            {
                var address = ClusterClient.ParseUrl(result.GetRequiredValue(url)) ?? throw new ClusterCallException($"--url: no address such as {ClusterClient.DefaultUrl}", mayPass: false);
                using var client = access.CreateClient(result, new Uri(address.AbsoluteUri.TrimEnd('/') + "/"), NodeAccess.Patience);
                var missing = await new SupportBundle(client, TimeProvider.System).WriteAsync(file, cancellationToken);
                foreach (var line in missing)
                {
                    await errors.WriteLineAsync($"deucalion: not in the bundle: {line}");
                }

                await result.InvocationConfiguration.Output.WriteLineAsync($"{file} written");
                return 0;
            }
            catch (Exception e) when (e is ClusterCallException or IOException or UnauthorizedAccessException)
            {
                await errors.WriteLineAsync($"deucalion: {e.Message}");
                return 1;
            }
        });
        return command;
    }
}
