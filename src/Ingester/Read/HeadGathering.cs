using System.Globalization;
using Deucalion.Common.Identifiers;

namespace Deucalion.Ingester.Read;

/// <summary>
/// What nodes have answered to one read so far. The first answer for a partition counts: each is complete, so another one adds nothing. Not thread-safe;
/// disposing it disposes contents that were not taken.
/// </summary>
internal sealed class HeadGathering<T> : IDisposable
{
    private const int MaxNamed = 20;

    private readonly HashSet<PartitionId> _answered = [];
    private readonly HashSet<PartitionId> _named = [];
    private readonly HashSet<string> _heard = [];
    private readonly Dictionary<string, string> _failures = [];
    private readonly Dictionary<PartitionId, string> _refusals = [];
    private List<PartitionAnswer<T>> _contents = [];

    /// <summary>Whether the node has answered, for some partitions at least.</summary>
    public bool HasHeard(string node) => _heard.Contains(node);

    /// <summary>A node has answered; its answer is not used otherwise any more.</summary>
    public void Add(ReadTarget from, NodeAnswer<T> answer)
    {
        foreach (var content in answer.Contents)
        {
            if (_answered.Contains(content.Partition))
            {
                content.Dispose();
            }
            else
            {
                _contents.Add(content);
            }
        }

        _answered.UnionWith(answer.Answered);
        _named.UnionWith(answer.Answered);
        foreach (var (partition, reason) in answer.Unanswered)
        {
            _named.Add(partition);
            if (reason is not null)
            {
                _refusals[partition] = $"{Describe(from)}: {reason}";
            }
        }

        _heard.Add(from.NodeId);
        _failures.Remove(from.NodeId);
    }

    /// <summary>A node could not be asked.</summary>
    public void AddFailure(ReadTarget from, string reason) => _failures[from.NodeId] = $"{Describe(from)}: {reason}";

    /// <summary>The partitions, of those that exist and those that a node has named, without an answer.</summary>
    public HashSet<PartitionId> Missing(IReadOnlyCollection<PartitionId> known)
    {
        var missing = new HashSet<PartitionId>();
        foreach (var partition in known)
        {
            if (!_answered.Contains(partition))
            {
                missing.Add(partition);
            }
        }

        foreach (var partition in _named)
        {
            if (!_answered.Contains(partition))
            {
                missing.Add(partition);
            }
        }

        return missing;
    }

    /// <summary>The contents, which are the caller's from now on.</summary>
    public IReadOnlyList<PartitionAnswer<T>> Take()
    {
        var contents = _contents;
        _contents = [];
        return contents;
    }

    /// <summary>Who and what stands in the way of an answer for these partitions.</summary>
    public string Describe(IReadOnlyCollection<PartitionId> missing, IEnumerable<ReadTarget> silent)
    {
        var named = missing.Order().Take(MaxNamed).Select(static x => x.ToString());
        var more = missing.Count > MaxNamed ? string.Create(CultureInfo.InvariantCulture, $" and {missing.Count - MaxNamed} more") : string.Empty;
        var what = missing.Count == 0
            ? "not all nodes have answered, and the coordination store does not tell what they hold"
            : $"recent samples are not available now: no answer for partition {string.Join(", ", named)}{more}";
        var why = missing.Where(_refusals.ContainsKey).Order().Take(MaxNamed).Select(x => $"partition {x} at {_refusals[x]}")
            .Concat(_failures.Values)
            .Concat(silent.Select(static x => $"{Describe(x)}: no answer yet"));
        return string.Join("; ", why.Prepend(what));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var content in _contents)
        {
            content.Dispose();
        }

        _contents = [];
    }

    private static string Describe(ReadTarget node) => node.Address.Length == 0 ? $"node {node.NodeId}" : $"node {node.NodeId} ({node.Address})";
}
