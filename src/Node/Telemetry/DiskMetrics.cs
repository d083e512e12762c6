using System.Diagnostics.Metrics;
using Deucalion.Common.IO;

namespace Deucalion.Node.Telemetry;

/// <summary>Room on the disk of the data directory.</summary>
internal sealed class DiskMetrics
{
    /// <summary>Creates the instruments; the directory exists.</summary>
    public DiskMetrics(IMeterFactory factory, QuotaDisk disk, string directory)
    {
        var meter = factory.Create("Deucalion.Node");
        meter.CreateObservableGauge("deucalion_disk_free_bytes", () => disk.FreeBytes(directory), null, "Bytes left for the data directory: by its limit, or on its file system.");
        meter.CreateObservableGauge("deucalion_disk_used_bytes", () => disk.Used, null, "Bytes of the files in the data directory.");
    }
}
