namespace Deucalion.Simulation.World;

/// <summary>Events by time; those of the same time in the order in which they were added.</summary>
internal sealed class EventQueue
{
    private readonly PriorityQueue<SimEvent, (long Time, long Order)> _queue = new(256);
    private long _order;

    public void Add(long time, in SimEvent happening) => _queue.Enqueue(happening, (time, ++_order));

    public bool TryTake(out SimEvent happening, out long time)
    {
        var found = _queue.TryDequeue(out happening, out var priority);
        time = priority.Time;
        return found;
    }
}
