using System.Diagnostics.Metrics;

namespace Deucalion.Common.Telemetry;

/// <summary>Makes the meters of one process or one test, each name once, and disposes them with itself. Thread-safe.</summary>
public sealed class MeterFactory : IMeterFactory
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Meter> _meters = [];

    /// <summary>The meter of that name; every instrument of it is scoped to this factory.</summary>
    public Meter Create(MeterOptions options)
    {
        lock (_lock)
        {
            if (!_meters.TryGetValue(options.Name, out var meter))
            {
                meter = new Meter(new MeterOptions(options.Name) { Version = options.Version, Tags = options.Tags, Scope = this });
                _meters.Add(options.Name, meter);
            }

            return meter;
        }
    }

    /// <summary>Disposes all meters.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var meter in _meters.Values)
            {
                meter.Dispose();
            }

            _meters.Clear();
        }
    }
}
