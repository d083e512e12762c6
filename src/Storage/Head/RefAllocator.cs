using Deucalion.Storage.Memory;

namespace Deucalion.Storage.Head;

/// <summary>
/// Gives refs: those of dropped series again, oldest first, then new ones. What staging has taken is a cursor in front of what has been applied,
/// so that staging can be dropped. Since records are applied in the order they were staged, the freed refs are taken from the front.
/// </summary>
internal sealed class RefAllocator(ReaderEpochs epochs)
{
    private readonly List<(int Ref, long Tag)> _free = [];
    private int _head;
    private int _stagedFree;
    private int _stagedNext;
    private int _next;

    /// <summary>All refs in use are below. Read by readers.</summary>
    public int Next => Volatile.Read(ref _next);

    /// <summary>Refs free for use, in the order they will be given.</summary>
    public ReadOnlySpan<(int Ref, long Tag)> Free => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_free)[_head..];

    /// <summary>The next ref for a series that is staged.</summary>
    public int Stage()
    {
        if (_head + _stagedFree < _free.Count)
        {
            return _free[_head + _stagedFree++].Ref;
        }

        _stagedNext = Math.Max(_stagedNext, _next);
        return _stagedNext++;
    }

    /// <summary>Forgets what has been staged and not applied.</summary>
    public void DropStaged()
    {
        _stagedFree = 0;
        _stagedNext = _next;
    }

    /// <summary>Takes the ref of a series definition; waits for readers that may still look at its last use.</summary>
    public void Apply(int seriesRef)
    {
        if (seriesRef == _next)
        {
            return;
        }

        if (_head == _free.Count || _free[_head].Ref != seriesRef)
        {
            throw new HeadFormatException($"series record gives ref {seriesRef}, which is not next");
        }

        epochs.WaitFor(_free[_head].Tag);
        _head++;
        _stagedFree = Math.Max(0, _stagedFree - 1);
        if (_head > 1024 && _head > _free.Count / 2)
        {
            _free.RemoveRange(0, _head);
            _head = 0;
        }
    }

    /// <summary>Makes a ref visible to readers whose rows have been written.</summary>
    public void Publish(int seriesRef)
    {
        if (seriesRef == _next)
        {
            Volatile.Write(ref _next, seriesRef + 1);
        }
    }

    /// <summary>Takes a ref back.</summary>
    public void Release(int seriesRef) => _free.Add((seriesRef, epochs.Tag()));

    /// <summary>Sets the state of a checkpoint.</summary>
    public void Restore(int next, ReadOnlySpan<int> free)
    {
        _next = next;
        _stagedNext = next;
        foreach (var seriesRef in free)
        {
            _free.Add((seriesRef, 0));
        }
    }
}
