using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;

namespace Deucalion.Node.Telemetry;

/// <summary>Figures of the process under the names that all Prometheus clients use, of the runtime, and of the build.</summary>
internal sealed class ProcessMetrics
{
    private readonly Process _process = Process.GetCurrentProcess();

    /// <summary>Creates the instruments.</summary>
    public ProcessMetrics(IMeterFactory factory, string version)
    {
        var meter = factory.Create("Deucalion.Node");
        meter.CreateObservableCounter("process_cpu_seconds_total", () => Fresh().TotalProcessorTime.TotalSeconds, null, "User and system CPU time spent, seconds.");
        meter.CreateObservableGauge("process_resident_memory_bytes", () => Fresh().WorkingSet64, null, "Resident memory.");
        meter.CreateObservableGauge("process_virtual_memory_bytes", () => Fresh().VirtualMemorySize64, null, "Virtual memory.");
        meter.CreateObservableGauge("process_open_fds", static () => Directory.GetFiles("/proc/self/fd").Length, null, "Open file descriptors.");
        meter.CreateObservableGauge("process_max_fds", static () => MaxFiles(), null, "Limit of open file descriptors.");
        meter.CreateObservableGauge("process_threads", () => Fresh().Threads.Count, null, "Operating system threads.");
        var start = new DateTimeOffset(_process.StartTime.ToUniversalTime()).ToUnixTimeMilliseconds() / 1000.0;
        meter.CreateObservableGauge("process_start_time_seconds", () => start, null, "Start of the process, Unix seconds.");
        meter.CreateObservableCounter(
            "dotnet_gc_collections_total",
            static () => Enumerable.Range(0, 3).Select(static g => new Measurement<long>(GC.CollectionCount(g), new KeyValuePair<string, object?>("generation", g.ToString(CultureInfo.InvariantCulture)))),
            null,
            "Garbage collections by generation.");
        meter.CreateObservableCounter("dotnet_gc_pause_seconds_total", static () => GC.GetTotalPauseDuration().TotalSeconds, null, "Time during which collections stopped all threads.");
        meter.CreateObservableCounter("dotnet_gc_allocated_bytes_total", static () => GC.GetTotalAllocatedBytes(), null, "Managed bytes allocated.");
        meter.CreateObservableGauge("dotnet_gc_heap_bytes", static () => GC.GetTotalMemory(false), null, "Managed heap.");
        meter.CreateObservableGauge("dotnet_threadpool_threads", static () => ThreadPool.ThreadCount, null, "Threads of the pool.");
        meter.CreateObservableGauge("dotnet_threadpool_queue_length", static () => ThreadPool.PendingWorkItemCount, null, "Work items that wait for a thread of the pool.");
        meter.CreateObservableGauge(
            "deucalion_build_info",
            () => new Measurement<long>(1, new KeyValuePair<string, object?>("version", version), new KeyValuePair<string, object?>("runtime", Environment.Version.ToString())),
            null,
            "Always 1; the labels tell the build.");
    }

    private static long MaxFiles()
    {
        foreach (var line in File.ReadLines("/proc/self/limits"))
        {
            if (line.StartsWith("Max open files", StringComparison.Ordinal))
            {
                var soft = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3];
                return long.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) ? limit : long.MaxValue;
            }
        }

        return 0;
    }

    private Process Fresh()
    {
        _process.Refresh();
        return _process;
    }
}
