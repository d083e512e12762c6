namespace Deucalion.Storage.Head.Chunks;

/// <summary>
/// The appenders of open chunks that are not plain floats, by slot. What they know can be read off the chunk again, so this is a cache: when it is full
/// all of them go, and those still needed come back. For the writer.
/// </summary>
internal sealed class OpenAppenders
{
    // An appender takes about 16 bytes a bucket: some tens of MB at most.
    private const int Most = 32 * 1024;

    private readonly Dictionary<int, object> _bySlot = [];

    /// <summary>The appender of a slot, or null.</summary>
    public T? Find<T>(int slot)
        where T : class => _bySlot.GetValueOrDefault(slot) as T;

    /// <summary>Keeps the appender of a slot.</summary>
    public void Keep(int slot, object appender)
    {
        if (_bySlot.Count >= Most)
        {
            _bySlot.Clear();
        }

        _bySlot[slot] = appender;
    }

    /// <summary>Forgets the appender of a slot: its chunk has ended.</summary>
    public void Forget(int slot)
    {
        if (_bySlot.Count > 0)
        {
            _bySlot.Remove(slot);
        }
    }
}
