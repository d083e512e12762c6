using System.Globalization;
using System.Xml;
using System.Xml.Linq;

namespace Deucalion.Common.Objects.Azure;

/// <summary>An object as a listing shows it, with its key in the container.</summary>
internal readonly record struct AzureItem(string Key, long Length, DateTimeOffset LastModified, string Tag);

/// <summary>One page of a listing.</summary>
/// <param name="Items">The objects.</param>
/// <param name="Folders">Beginnings of keys up to the delimiter, with it.</param>
/// <param name="Next">Where the next page begins, or null.</param>
internal sealed record AzurePage(IReadOnlyList<AzureItem> Items, IReadOnlyList<string> Folders, string? Next)
{
    /// <summary>Reads the answer of the service; anything else is <see cref="XmlException"/>.</summary>
    public static AzurePage Parse(Stream answer)
    {
        // No document type, so nothing of it is expanded or fetched.
        using var reader = XmlReader.Create(answer, new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
        if (XDocument.Load(reader).Root is not { Name.LocalName: "EnumerationResults" } root || root.Element("Blobs") is not { } blobs)
        {
            throw new XmlException("the answer is no listing");
        }

        var next = root.Element("NextMarker")?.Value;
        return new AzurePage([.. blobs.Elements("Blob").Select(Item)], [.. blobs.Elements("BlobPrefix").Select(Name)], string.IsNullOrEmpty(next) ? null : next);
    }

    private static AzureItem Item(XElement blob)
    {
        var properties = blob.Element("Properties") ?? throw new XmlException("a listed object has no properties");
        return long.TryParse(properties.Element("Content-Length")?.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            && DateTimeOffset.TryParse(properties.Element("Last-Modified")?.Value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var modified)
            && properties.Element("Etag")?.Value is { Length: > 0 } tag
            ? new AzureItem(Name(blob), length, modified, tag.Trim('"'))
            : throw new XmlException("a listed object has no length, time or tag");
    }

    private static string Name(XElement element) => element.Element("Name")?.Value is { Length: > 0 } name ? name : throw new XmlException("a listed object has no name");
}
