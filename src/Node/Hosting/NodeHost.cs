using Deucalion.Node.Configuration;

namespace Deucalion.Node.Hosting;

internal static class NodeHost
{
    public static Task<int> RunAsync(ConfigSource source, NodeOptions options, CancellationToken cancellationToken) => Task.FromResult(source.File is null && options.DataPath.Length > 0 && !cancellationToken.IsCancellationRequested ? 0 : 1);
}
