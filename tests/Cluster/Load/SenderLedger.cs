using System.Collections.Immutable;

namespace Deucalion.Cluster.Load;

/// <summary>Keeps account of one sender, which sends its steps in order and one request at a time. Thread-safe.</summary>
internal sealed class SenderLedger(int sender)
{
    private readonly Lock _lock = new();
    private long _sent;
    private long _settled;
    private ImmutableHashSet<long> _givenUp = [];

    /// <summary>Said before the first byte leaves.</summary>
    public void Sending(long end)
    {
        lock (_lock)
        {
            _sent = Math.Max(_sent, end);
        }
    }

    public void Acknowledged(long end)
    {
        lock (_lock)
        {
            _settled = end;
        }
    }

    /// <summary>The steps up to the end were not acknowledged and will not be sent again.</summary>
    public void GaveUp(long end)
    {
        lock (_lock)
        {
            var builder = _givenUp.ToBuilder();
            for (var step = _settled; step < end; step++)
            {
                builder.Add(step);
            }

            _givenUp = builder.ToImmutable();
            _settled = end;
        }
    }

    public LedgerView View()
    {
        lock (_lock)
        {
            return new LedgerView(sender, _sent, _settled, _givenUp);
        }
    }
}
