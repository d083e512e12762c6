using System.CommandLine;
using System.Text.Json;
using Deucalion.Replication.Coordinator;

namespace Deucalion.Node.Cli.Cluster;

/// <summary>One invocation of a verb: whom it asks, what it was given, and how its outcome is shown.</summary>
internal sealed class ClusterCall(ClusterClient client, ParseResult arguments, bool asJson, CancellationToken cancellationToken)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private NodeNames? _names;

    /// <summary>What was given.</summary>
    public ParseResult Arguments => arguments;

    /// <summary>Where results go.</summary>
    private TextWriter Output => arguments.InvocationConfiguration.Output;

    /// <summary>The nodes of the cluster by their names, asked for once.</summary>
    public async Task<NodeNames> NamesAsync() => _names ??= new NodeNames(await client.GetAsync<IReadOnlyList<NodeStatus>>("nodes", cancellationToken));

    /// <summary>The whole id of a node. Whole ones are left to the cluster to know: the asked node may not list all.</summary>
    public async Task<string> ResolveAsync(string text) => NodeNames.IsWhole(text) ? text.ToLowerInvariant() : (await NamesAsync()).Resolve(text);

    /// <summary>Shows what the node tells under a name.</summary>
    public async Task ShowAsync<T>(string name, Func<T, TextWriter, Task> write)
    {
        var data = await client.GetAsync(name, cancellationToken);
        if (asJson)
        {
            await WriteJsonAsync(data);
        }
        else
        {
            await write(client.Read<T>(data), Output);
        }
    }

    /// <summary>Gives a command and tells that it is taken: in the coordinator's words, which know more, where the answer has some.</summary>
    /// <param name="name">The command.</param>
    /// <param name="fields">Its parameters.</param>
    /// <param name="done">What is told otherwise.</param>
    /// <param name="hint">Comes behind either.</param>
    public async Task CommandAsync(string name, IEnumerable<(string Name, string Value)> fields, string done, string hint = "")
    {
        var data = await client.PostAsync(name, fields, cancellationToken);
        await (asJson ? WriteJsonAsync(data) : Output.WriteLineAsync((TextOf(data) ?? done) + hint));
    }

    /// <summary>Has something deleted and tells what the node says of it.</summary>
    public async Task DeleteAsync<T>(string name, Func<T, string> done)
    {
        var data = await client.DeleteAsync(name, cancellationToken);
        await (asJson ? WriteJsonAsync(data) : Output.WriteLineAsync(done(client.Read<T>(data))));
    }

    /// <summary>Waits until a node is empty. How far it is goes where it is not in the way of JSON.</summary>
    public Task UntilEmptyAsync(string node) =>
        new DrainWait(client, TimeProvider.System, asJson ? arguments.InvocationConfiguration.Error : Output).UntilEmptyAsync(node, cancellationToken);

    private static string? TextOf(JsonElement data) =>
        data.ValueKind == JsonValueKind.Object && data.TryGetProperty("text", out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;

    private Task WriteJsonAsync(JsonElement data) => Output.WriteLineAsync(JsonSerializer.Serialize(data, Indented));
}
