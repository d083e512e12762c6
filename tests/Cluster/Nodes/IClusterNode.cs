namespace Deucalion.Cluster.Nodes;

/// <summary>One node and what may befall it.</summary>
internal interface IClusterNode
{
    /// <summary>Short name within the run, such as <c>node2</c>.</summary>
    string Name { get; }

    string Zone { get; }

    /// <summary>The node's lasting identity, 32 hexadecimal digits; known once it has started.</summary>
    string Id { get; }

    /// <summary>Base address of the public HTTP API.</summary>
    Uri Url { get; }

    /// <summary>Whether the process is there and is not paused: whether an answer may be expected.</summary>
    bool IsRunning { get; }

    /// <summary>Whether the process is there but paused: it answers once it goes on.</summary>
    bool IsPaused { get; }

    /// <summary>Program that the next start runs: another version of the node.</summary>
    string Program { get; set; }

    /// <summary>Starts the process and waits until it is ready.</summary>
    Task StartAsync();

    /// <summary>kill -9.</summary>
    Task KillAsync();

    /// <summary>SIGTERM; waits for the end, which must be with exit code 0.</summary>
    Task StopAsync();

    /// <summary>SIGSTOP.</summary>
    void Pause();

    /// <summary>SIGCONT.</summary>
    void Resume();

    /// <summary>Deletes everything the node has on disk; it must not run.</summary>
    void Wipe();

    /// <summary>Leaves the node less room than appends need, yet some for what must go on.</summary>
    Task FillDiskAsync();

    /// <summary>Gives the room back.</summary>
    Task EmptyDiskAsync();

    /// <summary>Sets the node's wall clock so far off the true time; its monotonic clock goes on undisturbed.</summary>
    void ShiftClock(TimeSpan offset);
}
