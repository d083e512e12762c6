using System.Diagnostics.Metrics;
using Deucalion.Common.IO;
using Deucalion.Node.Configuration;

namespace Deucalion.Node.Security;

/// <summary>Authentication as parts of the host. Without auth.file there are none, and nobody is asked.</summary>
internal static class AccessModule
{
    /// <summary>Adds what <see cref="UseAccess"/> needs.</summary>
    public static void AddAccess(this IServiceCollection services, NodeOptions options)
    {
        if (options.AuthFile.Length == 0)
        {
            return;
        }

        services.AddSingleton(static p => new AccessMetrics(p.GetRequiredService<IMeterFactory>()));
        services.AddSingleton(p => new AccessStore(
            p.GetRequiredService<IDisk>(), options.AuthFile, p.GetRequiredService<TimeProvider>(), p.GetRequiredService<AccessMetrics>(), p.GetRequiredService<ILogger<AccessStore>>()));
        services.AddSingleton<Authenticator>();
        services.AddSingleton(p => new AccessGate(p.GetRequiredService<Authenticator>(), options.AuthMetrics, p.GetRequiredService<AccessMetrics>(), p.GetRequiredService<ILogger<AccessGate>>()));
    }

    /// <summary>Adds the gate behind routing. Reads the file of credentials.</summary>
    /// <exception cref="ConfigurationException">The file cannot be used.</exception>
    public static void UseAccess(this IApplicationBuilder app)
    {
        if (app.ApplicationServices.GetService<AccessGate>() is { } gate)
        {
            app.Use(gate.InvokeAsync);
        }
    }
}
