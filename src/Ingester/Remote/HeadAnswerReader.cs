using Deucalion.Common.Contracts;
using Deucalion.Common.Identifiers;
using Deucalion.Ingester.Read;

namespace Deucalion.Ingester.Remote;

/// <summary>
/// Puts a node's answer together from its frames. Disposing it disposes contents that were not taken. Not thread-safe; after an exception it can only be
/// disposed.
/// </summary>
internal sealed class HeadAnswerReader<T>(IHeadContent<T> content) : IDisposable
{
    private readonly List<string> _symbols = [];
    private readonly HashSet<PartitionId> _begun = [];
    private List<PartitionAnswer<T>> _contents = [];
    private NodeAnswer<T>? _answer;

    /// <summary>Reads the next frame.</summary>
    /// <exception cref="RemoteFormatException">The bytes are none, or do not follow those before.</exception>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        if (_answer is not null)
        {
            throw new RemoteFormatException("a frame follows the last one");
        }

        var frame = HeadFrame.Read(bytes, stackalloc (int, int)[HeadFrame.Fields], _symbols);
        if (frame.Partition is { } partition)
        {
            Read(frame, new PartitionId(partition));
        }

        if (frame.IsEnd)
        {
            var end = frame.End;
            var answered = end.Answered.Select(static x => new PartitionId(x)).ToList();
            if (!_begun.IsSubsetOf(answered))
            {
                throw new RemoteFormatException("there are contents of a partition that was not answered for");
            }

            _answer = new NodeAnswer<T>(
                _contents, answered, [.. end.Unanswered.Select(static x => new UnansweredPartition(new PartitionId(x.Partition), x.HasReason ? x.Reason : null))]);
        }
    }

    /// <summary>The whole answer, which is the caller's from now on.</summary>
    /// <exception cref="RemoteFormatException">The last frame has not come.</exception>
    public NodeAnswer<T> Take()
    {
        var answer = _answer ?? throw new RemoteFormatException("the answer ends before its end");
        _contents = [];
        return answer;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var answer in _contents)
        {
            answer.Dispose();
        }
    }

    private void Read(in HeadFrame frame, PartitionId partition)
    {
        if (_contents.Count == 0 || _contents[^1].Partition != partition)
        {
            if (!_begun.Add(partition))
            {
                throw new RemoteFormatException($"contents of partition {partition} come in two places");
            }

            _contents.Add(new PartitionAnswer<T>(partition, content.Begin(), []));
        }

        content.Read(frame, _contents[^1].Value);
        if (frame.HandOvers is { } handOvers)
        {
            _contents[^1] = _contents[^1] with { Truncated = [.. handOvers.Select(x => new TruncatedGeneration(partition.Value, x.Generation, x.Ulid))] };
        }
    }
}
