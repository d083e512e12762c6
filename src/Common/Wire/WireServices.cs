using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Deucalion.Common.Wire;

/// <summary>What served calls need of a host.</summary>
public static class WireServices
{
    /// <summary>Adds what <see cref="WireEndpoints"/> needs: the options and, unless they are there, <see cref="WireMetrics"/> and a clock.</summary>
    public static IServiceCollection AddWire(this IServiceCollection services, WireServerOptions options)
    {
        services.AddSingleton(options);
        services.TryAddSingleton<WireMetrics>();
        services.TryAddSingleton(TimeProvider.System);
        return services;
    }
}
