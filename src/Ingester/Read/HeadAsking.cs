using Deucalion.Common.Contracts;
using Deucalion.Common.Identifiers;

namespace Deucalion.Ingester.Read;

/// <summary>
/// The questions of one read that are under way, at most one to each node; answers go to the gathering. Disposing it ends those that are still open and
/// gives back what they bring. Not thread-safe.
/// </summary>
internal sealed class HeadAsking<T> : IAsyncDisposable
{
    private readonly HeadGathering<T> _gathering;
    private readonly NodeRead _read;
    private readonly AskNode<T> _ask;
    private readonly Func<ReadTarget, INodeHeadReads> _nodes;
    private readonly TimeProvider _time;
    private readonly CancellationToken _cancellationToken;
    private readonly CancellationTokenSource _ended;
    private readonly Dictionary<string, (ReadTarget Target, Task<NodeAnswer<T>> Answer)> _open = [];

    public HeadAsking(
        HeadGathering<T> gathering, NodeRead read, AskNode<T> ask, Func<ReadTarget, INodeHeadReads> nodes, TimeProvider time, CancellationToken cancellationToken)
    {
        _gathering = gathering;
        _read = read;
        _ask = ask;
        _nodes = nodes;
        _time = time;
        _cancellationToken = cancellationToken;
        _ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
    }

    /// <summary>Asks each node that is not being asked: one that was not heard yet for everything, another one for what is missing.</summary>
    public void Begin(IReadOnlyList<ReadTarget> targets, IReadOnlySet<PartitionId> missing)
    {
        // This node last: its heads may be read before the call returns.
        foreach (var target in targets.OrderBy(static x => x.IsSelf))
        {
            var isHeard = _gathering.HasHeard(target.NodeId);
            if (!_open.ContainsKey(target.NodeId) && (!isHeard || missing.Count > 0))
            {
                _open.Add(target.NodeId, (target, AskAsync(target, isHeard ? _read with { Only = missing } : _read)));
            }
        }
    }

    /// <summary>Waits until no question is open, at most for a time, and gathers the answers that have come.</summary>
    public async Task WaitAsync(TimeSpan patience)
    {
        await Task.WhenAll(_open.Values.Select(static x => (Task)x.Answer))
            .WaitAsync(patience, _time, _cancellationToken)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _cancellationToken.ThrowIfCancellationRequested();
        foreach (var (node, (target, answer)) in _open)
        {
            if (answer.IsCompleted)
            {
                _open.Remove(node);
                await TakeAsync(target, answer);
            }
        }
    }

    /// <summary>Those of the nodes that have not answered the question they were asked.</summary>
    public IReadOnlyList<ReadTarget> Silent(IReadOnlyList<ReadTarget> targets) => [.. targets.Where(x => _open.ContainsKey(x.NodeId))];

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        foreach (var (_, answer) in _open.Values)
        {
            await ((Task)answer).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (answer.IsCompletedSuccessfully)
            {
                answer.Result.Dispose();
            }
        }

        _ended.Dispose();
    }

    private async Task<NodeAnswer<T>> AskAsync(ReadTarget target, NodeRead read) => await _ask(_nodes(target), read, _ended.Token);

    private async Task TakeAsync(ReadTarget target, Task<NodeAnswer<T>> answer)
    {
        try
        {
            _gathering.Add(target, await answer);
        }
        catch (PartitionUnavailableException exception)
        {
            _gathering.AddFailure(target, exception.Message);
        }
    }
}
