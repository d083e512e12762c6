using System.Globalization;
using System.Runtime;
using System.Runtime.InteropServices;
using Deucalion.Node.Cli;

namespace Deucalion.Node.Diagnostics;

/// <summary>What the runtime and the system tell about this process at one moment: memory, collections, threads and their time.</summary>
internal static class RuntimeSnapshot
{
    // Ticks of the kernel's clock in a second, the same on all Linux systems of today.
    private const double KernelTicks = 100;

    /// <summary>Takes it; what is returned is made for JSON.</summary>
    public static object Take()
    {
        var memory = GC.GetGCMemoryInfo();
        return new
        {
            version = CommandLine.Version,
            revision = CommandLine.Revision,
            runtime = RuntimeInformation.FrameworkDescription,
            system = RuntimeInformation.OSDescription,
            processors = Environment.ProcessorCount,
            processId = Environment.ProcessId,
            uptimeSeconds = Environment.TickCount64 / 1000.0 - StartSeconds(),
            memory = new
            {
                workingSetBytes = Environment.WorkingSet,
                managedHeapBytes = memory.HeapSizeBytes,
                fragmentedBytes = memory.FragmentedBytes,
                committedBytes = memory.TotalCommittedBytes,
                availableBytes = memory.TotalAvailableMemoryBytes,
                allocatedBytes = GC.GetTotalAllocatedBytes(),
            },
            collections = new
            {
                isServer = GCSettings.IsServerGC,
                latencyMode = GCSettings.LatencyMode.ToString(),
                counts = Enumerable.Range(0, GC.MaxGeneration + 1).Select(GC.CollectionCount),
                generations = memory.GenerationInfo.ToArray().Select(static g => new { sizeBytes = g.SizeAfterBytes, fragmentedBytes = g.FragmentationAfterBytes }),
                pauseSeconds = GC.GetTotalPauseDuration().TotalSeconds,
                pausePercent = memory.PauseTimePercentage,
            },
            threadPool = new
            {
                threads = ThreadPool.ThreadCount,
                pending = ThreadPool.PendingWorkItemCount,
                completed = ThreadPool.CompletedWorkItemCount,
                lockContentions = Monitor.LockContentionCount,
            },
            threads = Threads(),
        };
    }

    private static IEnumerable<object> Threads()
    {
        var threads = new List<(string Name, string State, double Seconds, int Id)>();
        foreach (var directory in Directory.EnumerateDirectories("/proc/self/task"))
        {
            try
            {
                var (name, fields) = Stat(Path.Combine(directory, "stat"));
                threads.Add((name, fields[0], (Number(fields[11]) + Number(fields[12])) / KernelTicks, int.Parse(Path.GetFileName(directory), CultureInfo.InvariantCulture)));
            }
            catch (IOException)
            {
                // It ended meanwhile.
            }
        }

        return threads.OrderByDescending(static t => t.Seconds).Select(static t => new { id = t.Id, name = t.Name, state = t.State, cpuSeconds = t.Seconds });
    }

    private static double StartSeconds() => Number(Stat("/proc/self/stat").Fields[19]) / KernelTicks;

    // "id (name) state ...", where the name may hold anything.
    private static (string Name, string[] Fields) Stat(string path)
    {
        var text = File.ReadAllText(path);
        var end = text.LastIndexOf(')');
        return (text[(text.IndexOf('(', StringComparison.Ordinal) + 1)..end], text[(end + 2)..].Split(' '));
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
