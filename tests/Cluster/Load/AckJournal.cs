using System.Globalization;

namespace Deucalion.Cluster.Load;

/// <summary>Every answer that the senders got, in memory and, one a line, in a file that stays with the logs of a failed run. Thread-safe.</summary>
internal sealed class AckJournal : IDisposable
{
    private readonly Lock _lock = new();
    private readonly List<Delivery> _deliveries = [];
    private readonly List<Failure> _failures = [];
    private readonly StreamWriter _file;

    public AckJournal(string path)
    {
        _file = new StreamWriter(path);
        _file.WriteLine("# ack sender first end samples sent-seconds acknowledged-seconds target tries | fail sender seconds target status reason");
    }

    public IReadOnlyList<Delivery> Deliveries
    {
        get
        {
            lock (_lock)
            {
                return [.. _deliveries];
            }
        }
    }

    public IReadOnlyList<Failure> Failures
    {
        get
        {
            lock (_lock)
            {
                return [.. _failures];
            }
        }
    }

    public long Samples
    {
        get
        {
            lock (_lock)
            {
                return _deliveries.Sum(static d => (long)d.Samples);
            }
        }
    }

    public void Add(Delivery delivery)
    {
        lock (_lock)
        {
            _deliveries.Add(delivery);
            _file.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"ack {delivery.Sender} {delivery.First} {delivery.End} {delivery.Samples} {delivery.Sent.TotalSeconds:F6} {delivery.Acknowledged.TotalSeconds:F6} {delivery.Target} {delivery.Tries}"));
        }
    }

    public void Add(Failure failure)
    {
        lock (_lock)
        {
            _failures.Add(failure);
            _file.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"fail {failure.Sender} {failure.Time.TotalSeconds:F6} {failure.Target} {failure.Status} {failure.Reason.ReplaceLineEndings(" ")}"));
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _file.Dispose();
        }
    }
}
