using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Objects;
using Deucalion.Common.Tenants;

namespace Deucalion.Common.Manifests;

/// <summary>
/// Reads and changes manifests in the object store, where they are <c>&lt;tenant&gt;/manifests/&lt;partition&gt;.json</c>. Thread-safe. A
/// document that cannot be read is <see cref="CorruptManifestException"/>.
/// </summary>
public sealed class ManifestStore(IObjectStore store)
{
    private const string Folder = "/manifests/";
    private const string Extension = ".json";
    private const int ReadsAtOnce = 16;

    // What was read last, by key: a manifest that has not changed since is not read again.
    private readonly ConcurrentDictionary<string, (string Revision, Manifest Manifest)> _known = new();

    // Tenants that were seen to have a manifest: nothing removes the last one.
    private readonly ConcurrentDictionary<TenantId, bool> _tenants = new();

    /// <summary>Key of a manifest.</summary>
    public static string Key(TenantId tenant, PartitionId partition) => $"{tenant}{Folder}{partition}{Extension}";

    /// <summary>The manifest, or an empty one where none has been written.</summary>
    public async ValueTask<Manifest> ReadAsync(TenantId tenant, PartitionId partition, CancellationToken cancellationToken) =>
        (await ReadWithRevisionAsync(tenant, partition, cancellationToken)).Manifest;

    /// <summary>
    /// Applies a change by compare-and-swap, as often as others get in between; returns the manifest that holds then. The change is a pure
    /// function, called with the current manifest; where it returns that same object nothing is written. After an exception the outcome is
    /// unknown: changes should do nothing the second time.
    /// </summary>
    public async ValueTask<Manifest> UpdateAsync(
        TenantId tenant, PartitionId partition, Func<Manifest, Manifest> change, CancellationToken cancellationToken)
    {
        while (true)
        {
            var (manifest, revision) = await ReadWithRevisionAsync(tenant, partition, cancellationToken);
            var changed = change(manifest);
            if (ReferenceEquals(changed, manifest))
            {
                return manifest;
            }

            if (changed.Tenant != tenant || changed.Partition != partition)
            {
                throw new InvalidOperationException("a manifest cannot change its tenant or partition");
            }

            var content = ManifestJson.Write(changed);
            if (await store.PutIfAsync(Key(tenant, partition), content, revision, cancellationToken) is not null)
            {
                return changed;
            }
        }
    }

    /// <summary>All manifests of a tenant, by rising partition: one listing, and a read for each that has changed since it was last read here.</summary>
    public async IAsyncEnumerable<Manifest> ListAsync(TenantId tenant, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var manifests = new ConcurrentDictionary<PartitionId, Manifest>();
        var changed = new List<PartitionId>();
        await foreach (var (key, revision) in store.ListRevisionsAsync(tenant + Folder, cancellationToken))
        {
            if (!TryParseKey(key, out _, out var partition))
            {
                continue;
            }

            if (_known.TryGetValue(key, out var known) && known.Revision == revision)
            {
                manifests[partition] = known.Manifest;
            }
            else
            {
                changed.Add(partition);
            }
        }

        var parallel = new ParallelOptions { MaxDegreeOfParallelism = ReadsAtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(changed, parallel, async (partition, token) => manifests[partition] = await ReadAsync(tenant, partition, token));
        foreach (var (_, manifest) in manifests.OrderBy(static item => item.Key.Value))
        {
            yield return manifest;
        }
    }

    /// <summary>Tenants that have a manifest: one listing, and one more for each folder that is seen for the first time.</summary>
    public async IAsyncEnumerable<TenantId> ListTenantsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var folder in store.ListFoldersAsync(string.Empty, cancellationToken))
        {
            if (TenantId.TryParse(folder, out var tenant, out _) && (_tenants.ContainsKey(tenant) || await HasManifestAsync(tenant, cancellationToken)))
            {
                _tenants[tenant] = true;
                yield return tenant;
            }
        }
    }

    private async ValueTask<bool> HasManifestAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        await foreach (var entry in store.ListAsync(tenant + Folder, cancellationToken))
        {
            if (TryParseKey(entry.Key, out _, out _))
            {
                return true;
            }
        }

        return false;
    }

    private static bool TryParseKey(string key, out TenantId tenant, out PartitionId partition)
    {
        (tenant, partition) = (default, default);
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        var isManifest = slash > 0
            && key.AsSpan(slash).StartsWith(Folder)
            && key.EndsWith(Extension, StringComparison.Ordinal)
            && TenantId.TryParse(key[..slash], out tenant, out _);
        if (!isManifest)
        {
            return false;
        }

        var number = key.AsSpan((slash + Folder.Length)..^Extension.Length);
        if (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var value))
        {
            return false;
        }

        partition = new PartitionId(value);
        return true;
    }

    private async ValueTask<(Manifest Manifest, string? Revision)> ReadWithRevisionAsync(
        TenantId tenant, PartitionId partition, CancellationToken cancellationToken)
    {
        var key = Key(tenant, partition);
        var stored = await store.GetAsync(key, cancellationToken);
        if (stored is null)
        {
            _known.TryRemove(key, out _);
            return (new Manifest { Tenant = tenant, Partition = partition }, null);
        }

        if (!_known.TryGetValue(key, out var known) || known.Revision != stored.Revision)
        {
            known = (stored.Revision, ManifestJson.Read(stored.Content.Span, tenant, partition));
            _known[key] = known;
        }

        return (known.Manifest, stored.Revision);
    }
}
