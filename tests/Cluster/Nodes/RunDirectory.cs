namespace Deucalion.Cluster.Nodes;

/// <summary>Data, logs and journals of one run. They go with it, unless the run failed.</summary>
internal sealed class RunDirectory : IDisposable
{
    private bool _kept;

    public RunDirectory(string name)
    {
        Path = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"deucalion-cluster-{name}-{Guid.NewGuid().ToString("N")[..8]}");
        Directory.CreateDirectory(Path);
    }

    public string Path { get; }

    public string Child(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Runs a test in a directory; a failure names the directory, which then stays.</summary>
    public static async Task UseAsync(string name, Func<RunDirectory, Task> test)
    {
        using var directory = new RunDirectory(name);
        try
        {
            await test(directory);
        }
        catch (Exception e)
        {
            directory._kept = true;
            throw new ClusterTestException($"{e.Message}\nlogs and data are kept in {directory.Path}\n{e.StackTrace}", e);
        }
    }

    public void Dispose()
    {
        if (!_kept)
        {
            Directory.Delete(Path, recursive: true);
        }
    }
}
