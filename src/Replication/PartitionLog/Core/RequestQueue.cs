namespace Deucalion.Replication.PartitionLog.Core;

/// <summary>Requests that wait for the commit index to reach the end of the log as it stood when they were validated.</summary>
internal sealed class RequestQueue(ReplicaState state)
{
    private readonly Queue<(long Seq, long Request)> _waiting = new();

    public int Count => _waiting.Count;

    public void Wait(long request, bool appended)
    {
        if (!appended && !state.Rules.AcknowledgesAtLogEnd)
        {
            state.Emit(new Acknowledge(request));
            return;
        }

        _waiting.Enqueue((state.Log.End.Seq, request));
    }

    public void Answer()
    {
        while (_waiting.TryPeek(out var next) && next.Seq <= state.CommitIndex)
        {
            _waiting.Dequeue();
            state.Emit(new Acknowledge(next.Request));
        }
    }

    public void Lose()
    {
        while (state.Rules.DropsPending && _waiting.TryDequeue(out var next))
        {
            state.Emit(new RequestLost(next.Request));
        }
    }
}
