using System.Text.Json;
using System.Text.Json.Serialization;
using Deucalion.Common.Tenants;
using Deucalion.Replication.Coordination;

namespace Deucalion.Replication.Placement;

/// <summary>
/// The cluster's placement document <c>placement</c>: the number of partitions, fixed at the first start, and the widths of tenants.
/// Thread-safe; changes are compare-and-swap.
/// </summary>
public sealed class PlacementStore(ICoordinationStore store)
{
    /// <summary>Number of partitions of a new cluster: enough for hundreds of nodes, and one without data costs nothing.</summary>
    public const int DefaultPartitions = 256;

    private const string Key = "placement";

    /// <summary>
    /// The view in force. At the first start one is made, with this number of partitions and this width of the tenant <c>anonymous</c>; every other
    /// tenant begins with width 1.
    /// </summary>
    public async ValueTask<PlacementView> LoadOrCreateAsync(int partitions, int anonymousWidth, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await store.GetAsync(Key, cancellationToken) is { } entry)
            {
                return ViewOf(Parse(entry));
            }

            var document = new Document(1, partitions, new SortedDictionary<string, int> { [TenantId.Anonymous.Value] = Math.Min(anonymousWidth, partitions) });
            if (await store.PutIfAsync(Key, JsonSerializer.SerializeToUtf8Bytes(document), null, cancellationToken) is not null)
            {
                return ViewOf(document);
            }
        }
    }

    /// <summary>Makes a tenant at least this wide and returns the view then in force.</summary>
    public async ValueTask<PlacementView> WidenAsync(TenantId tenant, int width, CancellationToken cancellationToken)
    {
        while (true)
        {
            var entry = await store.GetAsync(Key, cancellationToken)
                ?? throw new CoordinationException("the placement document is missing", null);
            var document = Parse(entry);
            var view = ViewOf(document);
            width = Math.Min(width, document.Partitions);
            if (view.Of(tenant).Width >= width)
            {
                return view;
            }

            var widths = new SortedDictionary<string, int>(document.Widths, StringComparer.Ordinal) { [tenant.Value] = width };
            var next = new Document(document.Version + 1, document.Partitions, widths);
            if (await store.PutIfAsync(Key, JsonSerializer.SerializeToUtf8Bytes(next), entry.Revision, cancellationToken) is not null)
            {
                return ViewOf(next);
            }
        }
    }

    private static Document Parse(CoordinationEntry entry)
    {
        try
        {
            return JsonSerializer.Deserialize<Document>(entry.Value.Span) is { Widths: not null, Partitions: > 0 } document
                ? document
                : throw new CoordinationException("the placement document lacks a field", null);
        }
        catch (JsonException exception)
        {
            throw new CoordinationException($"the placement document is damaged: {exception.Message}", exception);
        }
    }

    private static PlacementView ViewOf(Document document)
    {
        var tenants = new List<TenantPartitions>();
        foreach (var (name, width) in document.Widths)
        {
            if (!TenantId.TryParse(name, out var tenant, out var error) || width < 1)
            {
                throw new CoordinationException($"the placement document names a tenant '{name}' of width {width}: {error}", null);
            }

            tenants.Add(TenantPartitions.Create(tenant, document.Partitions, width));
        }

        return PlacementView.Create(document.Version, document.Partitions, 1, tenants);
    }

    private sealed record Document(
        [property: JsonPropertyName("version")] long Version,
        [property: JsonPropertyName("partitions")] int Partitions,
        [property: JsonPropertyName("widths")] SortedDictionary<string, int> Widths);
}
