using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Tenants;
using Deucalion.Replication.Coordination;

namespace Deucalion.Replication.Placement;

/// <summary>The document <c>placement</c> (docs/formats/coordination.md). What a later version added is kept when it is rewritten.</summary>
internal sealed record PlacementDocument
{
    public const string Key = "placement";

    [JsonPropertyName("version")]
    public required long Version { get; init; }

    [JsonPropertyName("partitions")]
    public required int Partitions { get; init; }

    [JsonPropertyName("widths")]
    public required SortedDictionary<string, int> Widths { get; init; }

    /// <summary>Wanted replicas of a partition; missing in documents of a process alone: 1.</summary>
    [JsonPropertyName("rf")]
    public int ReplicationFactor { get; init; } = 1;

    [JsonPropertyName("minInSync")]
    public int MinInSync { get; init; } = 1;

    /// <summary>Partitions with other numbers.</summary>
    [JsonPropertyName("numbers")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SortedDictionary<string, PartitionNumbers>? Numbers { get; init; }

    /// <summary>The node that is carrying its documents over into this store: until it has finished nothing may be decided from them.</summary>
    [JsonPropertyName("carriedFrom")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? CarriedFrom { get; init; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; init; }

    /// <summary>Reads a document; <see cref="CoordinationException"/> where it is none, or may not be used yet.</summary>
    public static PlacementDocument Parse(ReadOnlySpan<byte> json)
    {
        var document = ParseUnfinished(json);
        return document.CarriedFrom is null
            ? document
            : throw new CoordinationException($"node {document.CarriedFrom} is carrying its documents over into the coordination store and has not finished: start it, and this node once it is ready", null);
    }

    /// <summary>As <see cref="Parse"/>, also of a store that is being filled.</summary>
    public static PlacementDocument ParseUnfinished(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize<PlacementDocument>(json) is { Widths: not null, Partitions: > 0 } document
                ? document
                : throw new CoordinationException("the placement document lacks a field", null);
        }
        catch (JsonException exception)
        {
            throw new CoordinationException($"the placement document is damaged: {exception.Message}", exception);
        }
    }

    public byte[] Serialize() => JsonSerializer.SerializeToUtf8Bytes(this);

    public PlacementView ToView()
    {
        var tenants = new List<TenantPartitions>();
        foreach (var (name, width) in Widths)
        {
            if (!TenantId.TryParse(name, out var tenant, out var error) || width < 1)
            {
                throw new CoordinationException($"the placement document names a tenant '{name}' of width {width}: {error}", null);
            }

            tenants.Add(TenantPartitions.Create(tenant, Partitions, width));
        }

        return PlacementView.Create(Version, Partitions, 1, tenants).WithNumbers(NumbersOf(ReplicationFactor, MinInSync), OwnNumbers());
    }

    private static ReplicaNumbers NumbersOf(int replicationFactor, int minInSync) =>
        ReplicaNumbers.AreValid(replicationFactor, minInSync)
            ? new ReplicaNumbers(replicationFactor, minInSync)
            : throw new CoordinationException($"the placement document wants {replicationFactor} replicas, {minInSync} in sync: that is not possible", null);

    private Dictionary<PartitionId, ReplicaNumbers> OwnNumbers()
    {
        var own = new Dictionary<PartitionId, ReplicaNumbers>();
        foreach (var (name, numbers) in Numbers ?? [])
        {
            if (!int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var id) || numbers is null)
            {
                throw new CoordinationException($"the placement document has numbers for '{name}', which is no partition", null);
            }

            own.Add(new PartitionId(id), NumbersOf(numbers.ReplicationFactor, numbers.MinInSync));
        }

        return own;
    }

    internal sealed record PartitionNumbers(
        [property: JsonPropertyName("rf")] int ReplicationFactor,
        [property: JsonPropertyName("minInSync")] int MinInSync)
    {
        [JsonExtensionData]
        public Dictionary<string, JsonElement>? Unknown { get; init; }
    }
}
