using System.Reflection;
using System.Runtime.InteropServices;

namespace Deucalion.Querier.Api;

/// <summary>A server that is always ready and has nothing to tell: used where the host registers nothing better.</summary>
internal sealed class DefaultServerStatus(TimeProvider time) : IServerStatus
{
    public bool IsReady => true;

    public bool IsStopping => false;

    public DateTimeOffset StartTime { get; } = time.GetUtcNow();

    public string ConfigurationYaml => string.Empty;

    public IReadOnlyDictionary<string, string> Flags { get; } = new Dictionary<string, string>();

    public string Retention => string.Empty;

    public BuildInformation Build { get; } = new()
    {
        Version = typeof(DefaultServerStatus).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0",
        Runtime = RuntimeInformation.FrameworkDescription,
    };
}
