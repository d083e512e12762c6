using System.Globalization;
using Deucalion.Common.Manifests;
using Deucalion.Common.Objects;
using Deucalion.Common.Tenants;
using Deucalion.Node.Cli.Cluster;
using Deucalion.Storage.Blocks;

namespace Deucalion.Node.Cli;

/// <summary>What a bucket holds: for each tenant its blocks by the manifests, and whether their objects are all there.</summary>
internal sealed class BucketInspection(IObjectStore objects)
{
    /// <summary>Prints a table and, behind it, what is missing; returns whether nothing is.</summary>
    public async Task<bool> WriteAsync(TextWriter output, CancellationToken cancellationToken)
    {
        var manifests = new ManifestStore(objects);
        var table = new TextTable("TENANT", ">PARTITIONS", ">BLOCKS", ">SERIES", ">SAMPLES", ">BYTES", "FROM", "TO");
        var missing = new List<string>();
        await foreach (var tenant in manifests.ListTenantsAsync(cancellationToken))
        {
            var list = new List<Manifest>();
            await foreach (var manifest in manifests.ListAsync(tenant, cancellationToken))
            {
                list.Add(manifest);
            }

            var blocks = list.SelectMany(static x => x.Blocks).DistinctBy(static x => x.Ulid).ToList();
            table.Add(
                tenant.Value,
                Number(list.Count),
                Number(blocks.Count),
                Number(blocks.Sum(static x => x.Series)),
                Number(blocks.Sum(static x => x.Samples)),
                Number(blocks.Sum(static x => x.Bytes)),
                blocks.Count == 0 ? string.Empty : Date(blocks.Min(static x => x.MinTime)),
                blocks.Count == 0 ? string.Empty : Date(blocks.Max(static x => x.MaxTime)));
            missing.AddRange(await MissingAsync(tenant, blocks, cancellationToken));
        }

        await table.WriteAsync(output);
        foreach (var line in missing)
        {
            await output.WriteLineAsync(line);
        }

        await output.WriteLineAsync(missing.Count == 0 ? "all objects of all blocks are there" : $"{missing.Count} blocks are not whole");
        return missing.Count == 0;
    }

    private async Task<List<string>> MissingAsync(TenantId tenant, List<ManifestBlock> blocks, CancellationToken cancellationToken)
    {
        var bytes = new Dictionary<string, long>(StringComparer.Ordinal);
        var whole = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var entry in objects.ListAsync($"{tenant}/", cancellationToken))
        {
            var parts = entry.Key.Split('/', 3);
            bytes[parts[1]] = bytes.GetValueOrDefault(parts[1]) + entry.Length;
            if (parts.Length == 3 && parts[2] == BlockMeta.FileName)
            {
                whole.Add(parts[1]);
            }
        }

        return
        [
            .. blocks.Where(x => !whole.Contains(x.Ulid)).Select(x => $"tenant {tenant}: block {x.Ulid} has no {BlockMeta.FileName}"),
            .. blocks.Where(x => whole.Contains(x.Ulid) && bytes[x.Ulid] < x.Bytes).Select(x => $"tenant {tenant}: block {x.Ulid} has {bytes[x.Ulid]} of {x.Bytes} bytes"),
        ];
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Date(long milliseconds) =>
        DateTimeOffset.FromUnixTimeMilliseconds(milliseconds).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
