using System.Diagnostics.Metrics;
using Deucalion.Common.IO;
using Deucalion.Common.Limits;
using Deucalion.Common.Objects;
using Deucalion.Compactor;
using Deucalion.Compactor.Compaction;
using Deucalion.Compactor.Retention;
using Deucalion.Node.Configuration;
using Deucalion.Replication.Coordination;

namespace Deucalion.Node.Hosting;

/// <summary>Settings of the node as options of the compactor role; they follow reloads.</summary>
internal static class CompactorWiring
{
    /// <summary>Builds the role; nothing is read or written before its start.</summary>
    public static CompactorModule Create(ReloadableSettings settings, IServiceProvider services)
    {
        var disk = services.GetRequiredService<IDisk>();
        var retention = new TenantRetention(services.GetRequiredService<ITenantLimits>());
        return new CompactorModule(new CompactorParts
        {
            Retention = () => Retention(settings.Current, retention),
            Compaction = () => Compaction(settings.Current),
            Objects = services.GetRequiredService<IObjectStore>(),
            Disk = disk,
            WorkDirectory = Path.Combine(settings.Current.DataPath, "compaction"),
            Coordination = services.GetRequiredService<ICoordinationStore>(),
            Node = services.GetRequiredService<NodeName>().Of(disk),
            Time = services.GetRequiredService<TimeProvider>(),
            Meters = services.GetRequiredService<IMeterFactory>(),
            Loggers = services.GetRequiredService<ILoggerFactory>(),
        });
    }

    private static RetentionOptions Retention(NodeOptions options, ITenantRetention tenants) => new()
    {
        Tenants = tenants,
        Interval = options.RetentionInterval,
        DeleteDelay = options.DeleteDelay,
    };

    private static CompactionOptions Compaction(NodeOptions options) => new()
    {
        Enabled = options.CompactionEnabled,
        Levels = options.CompactionLevels,
        Delay = options.CompactionDelay,
        Interval = options.CompactionInterval,
        Concurrency = (int)options.CompactionConcurrency,
    };
}
