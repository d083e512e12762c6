using System.Diagnostics.Metrics;
using Deucalion.Common.Objects;
using Deucalion.Compactor;
using Deucalion.Compactor.Retention;

namespace Deucalion.Node.Hosting;

/// <summary>Settings of the node as options of the compactor role; they follow reloads.</summary>
internal static class CompactorWiring
{
    /// <summary>Builds the role; nothing is read or written before its start.</summary>
    public static CompactorModule Create(ReloadableSettings settings, IServiceProvider services) => new(
        () => new RetentionOptions
        {
            Default = new RetentionPolicy(settings.Current.RetentionTime, settings.Current.RetentionSize),
            Interval = settings.Current.RetentionInterval,
            DeleteDelay = settings.Current.DeleteDelay,
        },
        services.GetRequiredService<IObjectStore>(),
        services.GetRequiredService<TimeProvider>(),
        services.GetRequiredService<IMeterFactory>(),
        services.GetRequiredService<ILoggerFactory>());
}
