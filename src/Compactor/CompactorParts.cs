using System.Diagnostics.Metrics;
using Deucalion.Common.IO;
using Deucalion.Common.Objects;
using Deucalion.Compactor.Compaction;
using Deucalion.Compactor.Retention;
using Deucalion.Replication.Coordination;
using Microsoft.Extensions.Logging;

namespace Deucalion.Compactor;

/// <summary>What the compactor role works with.</summary>
public sealed record CompactorParts
{
    /// <summary>Asked before each pass, so settings may change.</summary>
    public required Func<RetentionOptions> Retention { get; init; }

    /// <summary>Asked before each pass, so settings may change.</summary>
    public required Func<CompactionOptions> Compaction { get; init; }

    /// <summary>Where blocks and manifests are.</summary>
    public required IObjectStore Objects { get; init; }

    /// <summary>Where merges work.</summary>
    public required IDisk Disk { get; init; }

    /// <summary>Directory of merges under way; its content is removed at the start.</summary>
    public required string WorkDirectory { get; init; }

    /// <summary>What the nodes agree through.</summary>
    public required ICoordinationStore Coordination { get; init; }

    /// <summary>Name of this node.</summary>
    public required string Node { get; init; }

    /// <summary>The clock.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>Where metrics go.</summary>
    public required IMeterFactory Meters { get; init; }

    /// <summary>Where the log goes.</summary>
    public required ILoggerFactory Loggers { get; init; }
}
