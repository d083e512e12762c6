using Deucalion.Common.Tenants;

namespace Deucalion.Querier.Api;

/// <summary>
/// Lets a bounded number of queries run, and of each tenant's no more than it may. The others wait; a place that becomes free goes to the tenants in turn,
/// but for those that run as many as they may, and within a tenant to who came first: one tenant's burst delays no other's query by more than one place.
/// Thread-safe.
/// </summary>
internal sealed class QueryGate(int places, QuerierMetrics metrics)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<TenantId, TenantTurn> _tenants = [];

    // Tenants that wait, in the order of their turns.
    private readonly LinkedList<TenantTurn> _turns = [];
    private int _free = places;

    /// <summary>Completes when the query may run; <see cref="Leave"/> must follow.</summary>
    /// <param name="tenant">Whose query.</param>
    /// <param name="most">How many of the tenant's queries may run at one time.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="OperationCanceledException">Cancelled while waiting: no place was taken.</exception>
    public async ValueTask EnterAsync(TenantId tenant, int most, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        TenantTurn turn;
        LinkedListNode<TaskCompletionSource> node;
        lock (_lock)
        {
            if (!_tenants.TryGetValue(tenant, out turn!))
            {
                _tenants[tenant] = turn = new TenantTurn(tenant);
            }

            turn.Most = most;
            if (_free > 0 && turn.Waiting.Count == 0 && turn.Running < most)
            {
                _free--;
                turn.Running++;
                metrics.Running(1);
                return;
            }

            node = turn.Waiting.AddLast(new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            if (turn.Waiting.Count == 1)
            {
                _turns.AddLast(turn.Place);
            }

            // A limit that has been raised lets more of them run.
            GiveOut();
        }

        metrics.Waiting(1);
        try
        {
            await using var registration = cancellationToken.UnsafeRegister(_ => Cancel(turn, node, cancellationToken), null);
            await node.Value.Task;
        }
        finally
        {
            metrics.Waiting(-1);
        }

        metrics.Running(1);
    }

    /// <summary>Whether the tenant runs as many queries as it may, so that places do not help it.</summary>
    public bool IsAtLimit(TenantId tenant)
    {
        lock (_lock)
        {
            return _tenants.TryGetValue(tenant, out var turn) && turn.Running >= turn.Most;
        }
    }

    /// <summary>Gives the place of a tenant's query to the next who waits.</summary>
    public void Leave(TenantId tenant)
    {
        metrics.Running(-1);
        lock (_lock)
        {
            var turn = _tenants[tenant];
            turn.Running--;
            _free++;
            GiveOut();
            Forget(turn);
        }
    }

    private void GiveOut()
    {
        for (var place = _turns.First; place is not null && _free > 0;)
        {
            var turn = place.Value;
            if (turn.Running >= turn.Most)
            {
                place = place.Next;
                continue;
            }

            var next = turn.Waiting.First!;
            turn.Waiting.Remove(next);
            _turns.Remove(place);
            if (turn.Waiting.Count > 0)
            {
                _turns.AddLast(place);
            }

            if (next.Value.TrySetResult())
            {
                turn.Running++;
                _free--;
            }

            place = _turns.First;
        }
    }

    private void Cancel(TenantTurn turn, LinkedListNode<TaskCompletionSource> node, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            // A node without a list has been given its place already.
            if (node.List is null)
            {
                return;
            }

            turn.Waiting.Remove(node);
            if (turn.Waiting.Count == 0)
            {
                _turns.Remove(turn.Place);
                Forget(turn);
            }

            node.Value.TrySetCanceled(cancellationToken);
        }
    }

    private void Forget(TenantTurn turn)
    {
        if (turn.Running == 0 && turn.Waiting.Count == 0)
        {
            _tenants.Remove(turn.Tenant);
        }
    }

    private sealed class TenantTurn
    {
        public TenantTurn(TenantId tenant)
        {
            Tenant = tenant;
            Place = new LinkedListNode<TenantTurn>(this);
        }

        public TenantId Tenant { get; }

        /// <summary>Its place among the tenants that wait; in no list while none of its queries does.</summary>
        public LinkedListNode<TenantTurn> Place { get; }

        public LinkedList<TaskCompletionSource> Waiting { get; } = [];

        public int Running { get; set; }

        public int Most { get; set; }
    }
}
