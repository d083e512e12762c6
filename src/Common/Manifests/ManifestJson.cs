using System.Text.Json;
using System.Text.Json.Serialization;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Tenants;

namespace Deucalion.Common.Manifests;

/// <summary>The JSON form of a manifest.</summary>
internal static class ManifestJson
{
    public static byte[] Write(Manifest manifest) => JsonSerializer.SerializeToUtf8Bytes(
        new ManifestDocument
        {
            Version = Manifest.CurrentVersion,
            Tenant = manifest.Tenant.Value,
            Partition = manifest.Partition.Value,
            Sequence = manifest.Sequence,
            Blocks = manifest.Blocks,
            Retired = manifest.Retired,
            Deletions = manifest.Deletions.Count > 0 ? manifest.Deletions : null,
            Unknown = manifest.Unknown,
        },
        ManifestJsonContext.Default.ManifestDocument);

    public static Manifest Read(ReadOnlySpan<byte> json, TenantId tenant, PartitionId partition)
    {
        ManifestDocument? document;
        try
        {
            document = JsonSerializer.Deserialize(json, ManifestJsonContext.Default.ManifestDocument);
        }
        catch (JsonException e)
        {
            throw new CorruptManifestException($"manifest of {tenant}, partition {partition}: {e.Message}", e);
        }

        if (document is null || document.Version is < 1 or > Manifest.CurrentVersion)
        {
            throw new CorruptManifestException(
                $"manifest of {tenant}, partition {partition}: version {document?.Version ?? 0} is not known", null);
        }

        if (document.Tenant != tenant.Value || document.Partition != partition.Value)
        {
            throw new CorruptManifestException(
                $"manifest of {tenant}, partition {partition}: is that of {document.Tenant}, partition {document.Partition}", null);
        }

        return new Manifest
        {
            Tenant = tenant,
            Partition = partition,
            Sequence = document.Sequence,
            Blocks = document.Blocks ?? [],
            Retired = document.Retired ?? [],
            Deletions = document.Deletions ?? [],
            Unknown = document.Unknown,
        };
    }
}

/// <summary>The document as it is stored.</summary>
internal sealed record ManifestDocument
{
    public int Version { get; init; }

    public string? Tenant { get; init; }

    public int Partition { get; init; }

    public long Sequence { get; init; }

    public IReadOnlyList<ManifestBlock>? Blocks { get; init; }

    public IReadOnlyList<RetiredBlock>? Retired { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ManifestDeletion>? Deletions { get; init; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; set; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(ManifestDocument))]
internal sealed partial class ManifestJsonContext : JsonSerializerContext;
