namespace Deucalion.Storage.Tools.Prometheus;

/// <summary>What was found in the head of a Prometheus data directory.</summary>
public sealed class PrometheusHeadStats
{
    /// <summary>Segments of both logs, and of the checkpoint.</summary>
    public int Segments { get; internal set; }

    /// <summary>Samples of the log of samples in order, without those that blocks or mapped chunks hold.</summary>
    public long Samples { get; internal set; }

    /// <summary>Samples of the log of samples out of order.</summary>
    public long LateSamples { get; internal set; }

    /// <summary>Samples of the first log that the head did not take (not newer than what was there) and so are none, or are in the second log.</summary>
    public long NotInOrder { get; internal set; }

    /// <summary>Samples older than the end of the blocks, which therefore hold them.</summary>
    public long InBlocks { get; internal set; }

    /// <summary>Samples that a mapped chunk holds too.</summary>
    public long InMappedChunks { get; internal set; }

    /// <summary>Mapped chunks.</summary>
    public long MappedChunks { get; internal set; }

    /// <summary>Deletions.</summary>
    public long Deletions { get; internal set; }

    /// <summary>Exemplars, which blocks have no place for.</summary>
    public long Exemplars { get; internal set; }

    /// <summary>Records of the metadata of series, which blocks have no place for.</summary>
    public long Metadata { get; internal set; }

    /// <summary>Samples, deletions and chunks of series that the logs do not name.</summary>
    public long UnknownSeries { get; internal set; }

    /// <summary>Histograms of a schema that has no meaning here.</summary>
    public long UnknownSchemas { get; internal set; }

    /// <summary>Records of a type that is not known.</summary>
    public long UnknownRecords { get; internal set; }

    /// <summary>Files that end within a record or chunk, which was cut off: a line each.</summary>
    public IReadOnlyList<string> Torn => TornFiles;

    internal List<string> TornFiles { get; } = [];
}
