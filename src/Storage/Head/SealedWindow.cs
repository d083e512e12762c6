namespace Deucalion.Storage.Head;

/// <summary>A sealed generation: its samples change no more, stay readable, and go with its truncation. Any thread.</summary>
public sealed class SealedWindow
{
    private readonly HeadState _state;
    private readonly HeadGeneration _generation;

    internal SealedWindow(HeadState state, HeadGeneration generation)
    {
        _state = state;
        _generation = generation;
    }

    /// <summary>Number of the generation.</summary>
    public long Generation => _generation.Id;

    /// <summary>First millisecond of the window.</summary>
    public long WindowStart => _generation.WindowStart;

    /// <summary>First millisecond behind the window.</summary>
    public long WindowEnd => _generation.WindowEnd;

    /// <summary>Samples, as counted when they were applied.</summary>
    public long Samples => _generation.Samples;

    /// <summary>Oldest sample.</summary>
    public long MinTime => _generation.MinTime;

    /// <summary>Newest sample.</summary>
    public long MaxTime => _generation.MaxTime;

    /// <summary>Whether it has been truncated, or has gone with its head.</summary>
    public bool IsGone => _generation.Truncated;

    /// <summary>
    /// Starts to read it: the source a block is written from. Takes time in proportion to the series, so not for the writer's thread.
    /// </summary>
    /// <exception cref="WindowTruncatedException">The generation has been truncated meanwhile.</exception>
    public SealedWindowSource Open() => new(_state, _generation);
}

/// <summary>A sealed generation was truncated while it was being read, since its block has been published; or its tenant was deleted.</summary>
public sealed class WindowTruncatedException(long generation) : InvalidOperationException($"generation {generation} has been truncated");
