using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using Deucalion.Common.Hashing;
using Deucalion.Common.Identifiers;
using Deucalion.Common.IO;
using Deucalion.Common.Manifests;
using Deucalion.Common.Objects;
using Deucalion.Common.Tenants;
using Deucalion.Storage.Blocks;
using Deucalion.Storage.Tools;

namespace Deucalion.Node.Cli;

/// <summary>
/// Puts blocks of Prometheus, Thanos, Mimir or another data directory into the embedded object store and lists them in the tenant's manifest of
/// partition 0. The node must not run: the caller holds the lock of the data directory. A block imported again is recognised.
/// </summary>
internal sealed class BlockImport(IDisk disk, IObjectStore store, ManifestStore manifests, TextWriter output)
{
    private static readonly PartitionId Target = new(0);

    /// <summary>Imports one block; returns whether it is listed afterwards. What speaks against it is printed.</summary>
    public async Task<bool> ImportAsync(DatabaseBlock block, TenantId tenant, CancellationToken cancellationToken)
    {
        if (await RefusalAsync(block, cancellationToken) is { } reason)
        {
            await output.WriteLineAsync($"{block.Directory}: not imported: {reason}");
            return false;
        }

        var ulid = NewName(block).ToString();
        var manifest = await manifests.ReadAsync(tenant, Target, cancellationToken);
        if (manifest.Blocks.Any(b => b.Ulid == ulid) || manifest.Retired.Any(r => r.Ulid == ulid))
        {
            await output.WriteLineAsync($"{block.Directory}: was imported before as {ulid}");
            return true;
        }

        var meta = block.Meta with
        {
            Ulid = ulid,
            Compaction = block.Meta.Compaction with { Parents = null },
            Deucalion = new BlockExtension { Partitions = [Target.Value], Sources = [block.Meta.Ulid] },
        };
        var bytes = await BlockUpload.UploadAsync(disk, block.Directory, store, tenant, meta, cancellationToken);
        var listed = new ManifestBlock
        {
            Ulid = ulid,
            MinTime = meta.MinTime,
            MaxTime = meta.MaxTime,
            Generations = [],
            Level = Math.Max(1, meta.Compaction.Level),
            Bytes = bytes,
            Series = meta.Stats.NumSeries,
            Samples = meta.Stats.NumSamples,
        };
        await manifests.UpdateAsync(tenant, Target, current => current.WithBlock(listed), cancellationToken);
        await output.WriteLineAsync($"{block.Directory}: imported as {ulid}");
        return true;
    }

    private async Task<string?> RefusalAsync(DatabaseBlock block, CancellationToken cancellationToken)
    {
        var (resolution, labels) = await ForeignAsync(block.Directory, cancellationToken);
        if (resolution != 0 || block.Meta.Deucalion is { Resolution: not 0 })
        {
            return "its samples are downsampled";
        }

        if (labels.Length > 0)
        {
            await output.WriteLineAsync($"{block.Directory}: its external labels {labels} are not added to the series");
        }

        string? refusal = null;
        foreach (var problem in await BlockVerifier.VerifyDirectoryAsync(block.Directory, cancellationToken))
        {
            await output.WriteLineAsync($"{block.Directory}: {problem.Kind}: {problem.Message}");

            // Wrong statistics do no harm.
            refusal = problem.Kind == BlockProblemKind.Meta ? refusal : "the block is damaged";
        }

        return refusal;
    }

    // What Thanos and Mimir say of a block in their own part of meta.json.
    private static async Task<(long Resolution, string Labels)> ForeignAsync(string directory, CancellationToken cancellationToken)
    {
        using var json = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(directory, BlockMeta.FileName), cancellationToken));
        if (!json.RootElement.TryGetProperty("thanos", out var thanos) || thanos.ValueKind != JsonValueKind.Object)
        {
            return (0, string.Empty);
        }

        var resolution = thanos.TryGetProperty("downsample", out var downsample) && downsample.ValueKind == JsonValueKind.Object
            && downsample.TryGetProperty("resolution", out var value) && value.ValueKind == JsonValueKind.Number ? value.GetInt64() : 0;
        var labels = thanos.TryGetProperty("labels", out var external) && external.ValueKind == JsonValueKind.Object
            && external.EnumerateObject().Any() ? external.GetRawText().ReplaceLineEndings(" ") : string.Empty;
        return (resolution, labels);
    }

    // A new name that is always the same for the same block: of its time, with a hash of its name and size in the place of chance.
    private static Ulid NewName(DatabaseBlock block)
    {
        var time = Ulid.TryParse(block.Meta.Ulid, out var own) ? own.Time : Math.Max(0, block.Meta.MaxTime);
        Span<byte> random = stackalloc byte[10];
        BinaryPrimitives.WriteUInt64BigEndian(random, XxHash64.Compute(Encoding.UTF8.GetBytes($"import {block.Meta.Ulid} {block.Meta.Stats.NumSamples}")));
        BinaryPrimitives.WriteUInt16BigEndian(random[8..], (ushort)block.Meta.Stats.NumSeries);
        return Ulid.Create(time, random);
    }
}
