using System.Text.Json;
using System.Text.Json.Serialization;

namespace Deucalion.Storage.Blocks;

/// <summary>The content of meta.json. Keys not known here are ignored. Times are Unix milliseconds.</summary>
public sealed record BlockMeta
{
    /// <summary>The only version of the document there is.</summary>
    public const int CurrentVersion = 1;

    /// <summary>Name of the file in the block's directory.</summary>
    public const string FileName = "meta.json";

    /// <summary>Identity, and name of the directory.</summary>
    public string Ulid { get; init; } = string.Empty;

    /// <summary>Start of the range, inclusive.</summary>
    public long MinTime { get; init; }

    /// <summary>End of the range, exclusive.</summary>
    public long MaxTime { get; init; }

    /// <summary>What it holds.</summary>
    public BlockStats Stats { get; init; } = new();

    /// <summary>How it came to be.</summary>
    public BlockCompaction Compaction { get; init; } = new();

    /// <summary>Version of the document.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>What this system knows of the block beyond the standard; absent in blocks of others.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public BlockExtension? Deucalion { get; init; }

    /// <summary>Parses meta.json; anything else is <see cref="CorruptBlockException"/>.</summary>
    public static BlockMeta Parse(ReadOnlySpan<byte> json)
    {
        BlockMeta? meta;
        try
        {
            meta = JsonSerializer.Deserialize(json, BlockMetaJson.Default.BlockMeta);
        }
        catch (JsonException e)
        {
            throw new CorruptBlockException($"meta.json: {e.Message}", e);
        }

        if (meta is null || meta.Version != CurrentVersion)
        {
            throw new CorruptBlockException($"meta.json: version {meta?.Version ?? 0} is not known");
        }

        // A null is the absence of the object.
        return meta with { Stats = meta.Stats ?? new(), Compaction = meta.Compaction ?? new(), Ulid = meta.Ulid ?? string.Empty };
    }

    /// <summary>The bytes of meta.json.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, BlockMetaJson.Default.BlockMeta);
}

/// <summary>Figures of a block.</summary>
public sealed record BlockStats
{
    /// <summary>Samples of all kinds.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long NumSamples { get; init; }

    /// <summary>Float samples.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long NumFloatSamples { get; init; }

    /// <summary>Histogram samples.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long NumHistogramSamples { get; init; }

    /// <summary>Series.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long NumSeries { get; init; }

    /// <summary>Chunks.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long NumChunks { get; init; }

    /// <summary>Deleted ranges.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long NumTombstones { get; init; }
}

/// <summary>Where a block comes from.</summary>
public sealed record BlockCompaction
{
    /// <summary>1 for a block cut from a head, more after compaction.</summary>
    public int Level { get; init; }

    /// <summary>The level-1 blocks that are in it, sorted.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public IReadOnlyList<string>? Sources { get; init; }

    /// <summary>The blocks it was made from.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public IReadOnlyList<BlockParent>? Parents { get; init; }

    /// <summary>It holds nothing that is not deleted.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Deletable { get; init; }

    /// <summary>A compaction of it failed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Failed { get; init; }

    /// <summary>Remarks such as <c>from-out-of-order</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public IReadOnlyList<string>? Hints { get; init; }
}

/// <summary>A block that another was made from.</summary>
public sealed record BlockParent(string Ulid, long MinTime, long MaxTime);

/// <summary>The <c>deucalion</c> key of meta.json.</summary>
public sealed record BlockExtension
{
    /// <summary>Partitions whose samples are in the block.</summary>
    public IReadOnlyList<int> Partitions { get; init; } = [];

    /// <summary>Head generations whose samples are in the block.</summary>
    public IReadOnlyList<long> Generations { get; init; } = [];

    /// <summary>Milliseconds between samples of a downsampled block, 0 for raw.</summary>
    public long Resolution { get; init; }

    /// <summary>Blocks that it replaces.</summary>
    public IReadOnlyList<string> Sources { get; init; } = [];
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.Never,
    WriteIndented = true,
    IndentCharacter = '\t',
    IndentSize = 1)]
[JsonSerializable(typeof(BlockMeta))]
internal sealed partial class BlockMetaJson : JsonSerializerContext;
