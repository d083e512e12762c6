using Deucalion.Common.Tenants;

namespace Deucalion.Querier.Api;

/// <summary>
/// Lets a bounded number of queries run. The others wait; a place that becomes free goes to the tenants in turn, and within a tenant to who
/// came first, so that one tenant's burst delays no other's query by more than one place. Thread-safe.
/// </summary>
internal sealed class QueryGate(int places, QuerierMetrics metrics)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<TenantId, LinkedList<TaskCompletionSource>> _waiting = [];
    private readonly Queue<TenantId> _turns = new();
    private int _free = places;

    /// <summary>Completes when the query may run; <see cref="Leave"/> must follow.</summary>
    /// <exception cref="OperationCanceledException">Cancelled while waiting: no place was taken.</exception>
    public async ValueTask EnterAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        LinkedListNode<TaskCompletionSource> node;
        lock (_lock)
        {
            if (_free > 0)
            {
                _free--;
                metrics.Running(1);
                return;
            }

            if (!_waiting.TryGetValue(tenant, out var queue))
            {
                _waiting[tenant] = queue = new();
                _turns.Enqueue(tenant);
            }

            node = queue.AddLast(new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        metrics.Waiting(1);
        try
        {
            await using var registration = cancellationToken.UnsafeRegister(_ => Cancel(tenant, node, cancellationToken), null);
            await node.Value.Task;
        }
        finally
        {
            metrics.Waiting(-1);
        }

        metrics.Running(1);
    }

    /// <summary>Gives the place to the next who waits.</summary>
    public void Leave()
    {
        metrics.Running(-1);
        lock (_lock)
        {
            while (_turns.TryDequeue(out var tenant))
            {
                var queue = _waiting[tenant];
                var next = queue.First;
                if (next is not null)
                {
                    queue.RemoveFirst();
                }

                if (queue.Count > 0)
                {
                    _turns.Enqueue(tenant);
                }
                else
                {
                    _waiting.Remove(tenant);
                }

                if (next is not null && next.Value.TrySetResult())
                {
                    return;
                }
            }

            _free++;
        }
    }

    private void Cancel(TenantId tenant, LinkedListNode<TaskCompletionSource> node, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            // A node without a list has been given its place already.
            if (node.List is null)
            {
                return;
            }

            // A queue left empty stays for its turn, which then passes to the next tenant.
            _waiting[tenant].Remove(node);
            node.Value.TrySetCanceled(cancellationToken);
        }
    }
}
