using System.Text.Json;
using System.Text.Json.Serialization;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Tenants;

namespace Deucalion.Common.Manifests;

/// <summary>
/// The list of blocks of one (tenant, partition): a block exists for readers only while it is listed here. Immutable; changed by
/// writing a successor through compare-and-swap (ManifestStore).
/// </summary>
public sealed record Manifest
{
    /// <summary>Version of the document's format.</summary>
    public const int CurrentVersion = 1;

    /// <summary>Whose blocks.</summary>
    public required TenantId Tenant { get; init; }

    /// <summary>Of which partition.</summary>
    public required PartitionId Partition { get; init; }

    /// <summary>Counts the changes.</summary>
    public long Sequence { get; init; }

    /// <summary>The blocks that make up the data, ordered by (MinTime, Ulid).</summary>
    public IReadOnlyList<ManifestBlock> Blocks { get; init; } = [];

    /// <summary>
    /// Generations that were published and have since been replaced by compaction or removed by retention, so that a reader who was told
    /// "(generation, ULID) was truncated" can tell "gone on purpose" from "not seen yet".
    /// </summary>
    public IReadOnlyList<RetiredBlock> Retired { get; init; } = [];

    /// <summary>
    /// Deletions of the whole tenant, the last one at the end: everything that this partition held before them is gone. A block made of what was held
    /// before one must not be listed after it.
    /// </summary>
    public IReadOnlyList<ManifestDeletion> Deletions { get; init; } = [];

    /// <summary>Name of the last deletion, or null.</summary>
    public string? LastDeletion => Deletions.Count > 0 ? Deletions[^1].Ulid : null;

    /// <summary>What a later version added: kept by changes.</summary>
    internal Dictionary<string, JsonElement>? Unknown { get; init; }
}

/// <summary>A block as the manifest lists it. Times are Unix milliseconds, [MinTime, MaxTime).</summary>
public sealed record ManifestBlock
{
    /// <summary>Directory name of the block under <c>&lt;tenant&gt;/</c>.</summary>
    public required string Ulid { get; init; }

    /// <summary>Oldest sample, inclusive.</summary>
    public required long MinTime { get; init; }

    /// <summary>Newest sample, exclusive.</summary>
    public required long MaxTime { get; init; }

    /// <summary>Head generations whose samples it holds.</summary>
    public required IReadOnlyList<long> Generations { get; init; }

    /// <summary>1 for a block cut from a head, more after compaction.</summary>
    public required int Level { get; init; }

    /// <summary>Milliseconds between samples of a downsampled block, 0 for raw.</summary>
    public long Resolution { get; init; }

    /// <summary>Size of all its objects.</summary>
    public required long Bytes { get; init; }

    /// <summary>Number of series.</summary>
    public required long Series { get; init; }

    /// <summary>Number of samples.</summary>
    public required long Samples { get; init; }

    /// <summary>What a later version says of the block besides: kept while it is listed.</summary>
    [JsonInclude]
    [JsonExtensionData]
    internal Dictionary<string, JsonElement>? Unknown { get; set; }
}

/// <summary>A block that was listed once: when it left (Unix milliseconds) and why (<c>compacted</c>, <c>retention</c>, <c>deleted</c>).</summary>
public sealed record RetiredBlock(string Ulid, long RetiredAt, string Reason)
{
    /// <summary>What a later version says of it besides.</summary>
    [JsonInclude]
    [JsonExtensionData]
    internal Dictionary<string, JsonElement>? Unknown { get; set; }
}

/// <summary>A deletion of the tenant: its name, which is that of its record in the partition's log, and the seq of that (0 where the partition has no log).</summary>
public sealed record ManifestDeletion(string Ulid, long Seq)
{
    /// <summary>What a later version says of it besides.</summary>
    [JsonInclude]
    [JsonExtensionData]
    internal Dictionary<string, JsonElement>? Unknown { get; set; }
}
