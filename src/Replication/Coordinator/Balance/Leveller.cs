namespace Deucalion.Replication.Coordinator.Balance;

/// <summary>
/// Evens out how much lies on nodes where not everything can go everywhere. A node that has at least two more than another one gives something to
/// it, on the cheapest way, which may lead over other nodes: each on the way passes on another thing. When no such way is left, no other distribution is
/// more even: they would be ways to it.
/// </summary>
internal sealed class Leveller(ILevelled things)
{
    private readonly int[] _distance = new int[things.Nodes];
    private readonly (int From, int Item)[] _reachedBy = new (int, int)[things.Nodes];
    private readonly Carry?[] _offers = new Carry?[things.Nodes];

    public void Level()
    {
        // What was moved may open ways for nodes that had none: all are looked at again until nothing moves.
        while (LevelOnce())
        {
        }
    }

    private bool LevelOnce()
    {
        var stuck = new bool[things.Nodes];
        var moved = false;
        while (Fullest(stuck) is var node && node >= 0 && Emptiest() is var least && least >= 0 && things.Load(node) - things.Load(least) >= 2)
        {
            stuck[node] = !Relieve(node, least);
            moved |= !stuck[node];
        }

        return moved;
    }

    private int Fullest(bool[] stuck)
    {
        var found = -1;
        for (var node = 0; node < things.Nodes; node++)
        {
            if (!stuck[node] && things.Gives(node) && (found < 0 || things.Load(node) > things.Load(found)))
            {
                found = node;
            }
        }

        return found;
    }

    private int Emptiest()
    {
        var found = -1;
        for (var node = 0; node < things.Nodes; node++)
        {
            if (things.Takes(node) && (found < 0 || things.Load(node) < things.Load(found)))
            {
                found = node;
            }
        }

        return found;
    }

    private bool Relieve(int from, int least)
    {
        things.Offer(from, _offers);
        if (_offers[least] is { } direct)
        {
            things.Move(direct.Item, from, least);
            return true;
        }

        Reach(from);
        var to = -1;
        for (var node = 0; node < things.Nodes; node++)
        {
            if (_distance[node] != int.MaxValue && things.Takes(node) && things.Load(node) <= things.Load(from) - 2
                && (to < 0 || (things.Load(node), _distance[node]).CompareTo((things.Load(to), _distance[to])) < 0))
            {
                to = node;
            }
        }

        return to >= 0 && Walk(from, to);
    }

    /// <summary>The cheapest way from a node to every other one.</summary>
    private void Reach(int from)
    {
        Array.Fill(_distance, int.MaxValue);
        _distance[from] = 0;
        var open = new PriorityQueue<int, (int Distance, int Node)>();
        open.Enqueue(from, (0, from));
        while (open.TryDequeue(out var node, out var at))
        {
            if (at.Distance != _distance[node])
            {
                continue;
            }

            things.Offer(node, _offers);
            for (var next = 0; next < things.Nodes; next++)
            {
                if (next != node && _offers[next] is { } carry && things.Takes(next) && at.Distance + carry.Cost < _distance[next])
                {
                    _distance[next] = at.Distance + carry.Cost;
                    _reachedBy[next] = (node, carry.Item);
                    open.Enqueue(next, (_distance[next], next));
                }
            }
        }
    }

    /// <summary>Moves along the way, its end first. False, with nothing moved, where one thing would be in the way of another one.</summary>
    private bool Walk(int from, int to)
    {
        var done = new List<(int Item, int From, int To)>();
        for (var node = to; node != from;)
        {
            var (previous, item) = _reachedBy[node];
            if (!things.Allows(item, previous, node))
            {
                for (var i = done.Count - 1; i >= 0; i--)
                {
                    things.Move(done[i].Item, done[i].To, done[i].From);
                }

                return false;
            }

            things.Move(item, previous, node);
            done.Add((item, previous, node));
            node = previous;
        }

        return true;
    }
}
