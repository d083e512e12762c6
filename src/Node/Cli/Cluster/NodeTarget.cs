using System.CommandLine;
using Deucalion.Node.Cli.Access;

namespace Deucalion.Node.Cli.Cluster;

/// <summary>Options of a verb that asks a running node under a path of its API: which node, what to show it, and how to print what it answers.</summary>
internal sealed class NodeTarget
{
    private readonly string _path;
    private readonly TimeSpan _patience;
    private readonly NodeAccess _access = new();
    private readonly Option<bool> _json = new("--json") { Description = "Print the data that the node answers, as it is.", Recursive = true };
    private readonly Option<string> _url;

    /// <summary>Asks below a path such as <c>api/v1/cluster/</c> and waits so long for an answer.</summary>
    public NodeTarget(string path, string description, TimeSpan patience)
    {
        _path = path;
        _patience = patience;
        _url = new Option<string>("--url")
        {
            Description = description,
            DefaultValueFactory = static _ => ClusterClient.DefaultUrl,
            HelpName = "address",
            Recursive = true,
        };
        _url.Validators.Add(static result =>
        {
            if (result.Tokens.Count > 0 && ClusterClient.ParseUrl(result.Tokens[0].Value) is null)
            {
                result.AddError($"--url: '{result.Tokens[0].Value}' is no address such as {ClusterClient.DefaultUrl}");
            }
        });
    }

    /// <summary>Adds the options to a verb and all below it.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_url);
        command.Options.Add(_json);
        _access.AddTo(command);
    }

    /// <summary>Makes a command do something at the node that is named. What fails goes to the error output and makes the exit code 1.</summary>
    public void SetAction(Command command, Func<ClusterCall, Task> action) => command.SetAction(async (result, cancellationToken) =>
    {
        try
        {
            using var client = new ClusterClient(ClusterClient.ParseUrl(result.GetRequiredValue(_url))!, _path, address => _access.CreateClient(result, address, _patience));
            await action(new ClusterCall(client, result, result.GetValue(_json), cancellationToken));
            return 0;
        }
        catch (ClusterCallException exception)
        {
            await result.InvocationConfiguration.Error.WriteLineAsync($"deucalion: {exception.Message}");
            return 1;
        }
    });
}
