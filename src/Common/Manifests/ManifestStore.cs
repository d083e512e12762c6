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

    /// <summary>All manifests of a tenant.</summary>
    public async IAsyncEnumerable<Manifest> ListAsync(TenantId tenant, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var entry in store.ListAsync(tenant + Folder, cancellationToken))
        {
            if (TryParseKey(entry.Key, out _, out var partition))
            {
                yield return await ReadAsync(tenant, partition, cancellationToken);
            }
        }
    }

    /// <summary>Tenants that have a manifest, found by listing all keys of the bucket.</summary>
    public async IAsyncEnumerable<TenantId> ListTenantsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        TenantId? last = null;
        await foreach (var entry in store.ListAsync(string.Empty, cancellationToken))
        {
            if (TryParseKey(entry.Key, out var tenant, out _) && tenant != last)
            {
                last = tenant;
                yield return tenant;
            }
        }
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
        var stored = await store.GetAsync(Key(tenant, partition), cancellationToken);
        return stored is null
            ? (new Manifest { Tenant = tenant, Partition = partition }, null)
            : (ManifestJson.Read(stored.Content.Span, tenant, partition), stored.Revision);
    }
}
