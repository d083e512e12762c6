using Deucalion.Replication.Coordinator;

namespace Deucalion.Node.Cli.Cluster;

/// <summary>Node ids as people write and read them: the whole id, or as many of its first digits as it takes to tell it from all others.</summary>
internal sealed class NodeNames
{
    private const int WholeLength = 32;
    private const int FewestTyped = 4;
    private const int FewestShown = 8;

    private readonly IReadOnlyList<string> _ids;
    private readonly int _shown;

    /// <summary>Names of the nodes of a cluster.</summary>
    public NodeNames(IEnumerable<NodeStatus> nodes)
        : this(nodes.Select(static node => node.Record.Id))
    {
    }

    /// <summary>Names of nodes by their whole ids.</summary>
    public NodeNames(IEnumerable<string> ids)
    {
        _ids = [.. ids.Distinct(StringComparer.Ordinal)];
        _shown = Enumerable.Range(FewestShown, WholeLength - FewestShown + 1)
            .First(length => length == WholeLength || _ids.Select(id => Cut(id, length)).Distinct(StringComparer.Ordinal).Count() == _ids.Count);
    }

    /// <summary>Whether a text can name a node: 4 to 32 hexadecimal digits.</summary>
    public static bool IsName(string text) => text.Length is >= FewestTyped and <= WholeLength && text.All(char.IsAsciiHexDigit);

    /// <summary>Whether a name is a whole id.</summary>
    public static bool IsWhole(string name) => name.Length == WholeLength;

    /// <summary>The whole id that a text stands for.</summary>
    /// <exception cref="ClusterCallException">No node has such an id, or several have.</exception>
    public string Resolve(string text)
    {
        var found = _ids.Where(id => id.StartsWith(text, StringComparison.OrdinalIgnoreCase)).ToList();
        return found.Count switch
        {
            1 => found[0],
            0 => throw new ClusterCallException($"there is no node '{text}': 'deucalion cluster nodes' lists them", mayPass: false),
            _ => throw new ClusterCallException($"'{text}' may be each of {string.Join(", ", found)}: more digits tell which", mayPass: false),
        };
    }

    /// <summary>An id as tables show it.</summary>
    public string Short(string id) => Cut(id, _shown);

    private static string Cut(string id, int length) => id[..Math.Min(length, id.Length)];
}
