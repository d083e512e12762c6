using Deucalion.Common.Wire;

namespace Deucalion.Replication.Transport;

/// <summary>
/// Channels to other nodes, made when they are first asked for and kept while they are used: one for each node and address, so that callers with an old
/// and a new address do not close each other's. Thread-safe.
/// </summary>
/// <param name="optionsFor">Options of a channel to the node of that name, 32 hexadecimal digits.</param>
/// <param name="time">Clock of disuse.</param>
public sealed class PeerChannels(Func<string, WireClientOptions> optionsFor, TimeProvider time) : IDisposable
{
    // Longer than any call: a channel that goes has none open.
    private static readonly TimeSpan Unused = TimeSpan.FromMinutes(30);

    private readonly Dictionary<(string Node, string Address), Entry> _channels = [];
    private bool _disposed;

    /// <summary>The channel to a node at an address. <see cref="WireException"/> where it is none: others say where they are, and may be wrong.</summary>
    public WireChannel To(string node, string address)
    {
        lock (_channels)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (!_channels.TryGetValue((node, address), out var entry))
            {
                DropUnused();
                _channels.Add((node, address), entry = new Entry(Open(node, address)));
            }

            entry.UsedAt = time.GetTimestamp();
            return entry.Channel;
        }
    }

    /// <summary>Closes all channels; calls that are open end.</summary>
    public void Dispose()
    {
        lock (_channels)
        {
            _disposed = true;
            foreach (var entry in _channels.Values)
            {
                entry.Channel.Dispose();
            }

            _channels.Clear();
        }
    }

    private WireChannel Open(string node, string address)
    {
        var options = optionsFor(node);
        try
        {
            return new WireChannel(address, options);
        }
        catch (ArgumentException exception)
        {
            // To who calls it is a node like any other that cannot be reached.
            throw new WireException(WireStatus.Unavailable, $"node {node} says that it is at '{address}' (its cluster.advertise), which is no host:port", exception) { IsUnsent = true };
        }
    }

    private void DropUnused()
    {
        foreach (var (key, entry) in _channels)
        {
            if (time.GetElapsedTime(entry.UsedAt) > Unused)
            {
                entry.Channel.Dispose();
                _channels.Remove(key);
            }
        }
    }

    private sealed class Entry(WireChannel channel)
    {
        public WireChannel Channel => channel;

        public long UsedAt { get; set; }
    }
}
