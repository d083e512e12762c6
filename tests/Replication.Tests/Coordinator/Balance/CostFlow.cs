namespace Deucalion.Replication.Tests.Coordinator.Balance;

/// <summary>Minimum cost flow by successive shortest ways: what the planner's results are compared with.</summary>
internal sealed class CostFlow(int vertices)
{
    private readonly List<int>[] _edgesFrom = [.. Enumerable.Range(0, vertices).Select(static _ => new List<int>())];
    private readonly List<(int To, int Capacity, long Cost)> _edges = [];

    public int Add(int from, int to, int capacity, long cost)
    {
        _edgesFrom[from].Add(_edges.Count);
        _edges.Add((to, capacity, cost));
        _edgesFrom[to].Add(_edges.Count);
        _edges.Add((from, 0, -cost));
        return _edges.Count - 2;
    }

    /// <summary>Edges of one unit each whose costs rise so that n of them together cost n squared, times a weight.</summary>
    public void AddSquares(int from, int to, int capacity, long weight)
    {
        for (var i = 0; i < capacity; i++)
        {
            Add(from, to, 1, weight * ((2 * i) + 1));
        }
    }

    public int FlowOn(int edge) => _edges[edge ^ 1].Capacity;

    public long Run(int source, int sink)
    {
        var total = 0L;
        var distance = new long[vertices];
        var reachedBy = new int[vertices];
        var isQueued = new bool[vertices];
        while (true)
        {
            Array.Fill(distance, long.MaxValue);
            distance[source] = 0;
            var queue = new Queue<int>([source]);
            while (queue.TryDequeue(out var vertex))
            {
                isQueued[vertex] = false;
                foreach (var edge in _edgesFrom[vertex])
                {
                    var (to, capacity, cost) = _edges[edge];
                    if (capacity > 0 && distance[vertex] + cost < distance[to])
                    {
                        distance[to] = distance[vertex] + cost;
                        reachedBy[to] = edge;
                        if (!isQueued[to])
                        {
                            isQueued[to] = true;
                            queue.Enqueue(to);
                        }
                    }
                }
            }

            if (distance[sink] == long.MaxValue)
            {
                return total;
            }

            total += distance[sink];
            for (var vertex = sink; vertex != source; vertex = _edges[reachedBy[vertex] ^ 1].To)
            {
                var edge = reachedBy[vertex];
                _edges[edge] = _edges[edge] with { Capacity = _edges[edge].Capacity - 1 };
                _edges[edge ^ 1] = _edges[edge ^ 1] with { Capacity = _edges[edge ^ 1].Capacity + 1 };
            }
        }
    }
}
