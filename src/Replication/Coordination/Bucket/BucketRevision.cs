using System.Globalization;

namespace Deucalion.Replication.Coordination.Bucket;

/// <summary>
/// A revision of a document: the name of the write that made it and the revision that the object store gave it. The latter is empty where a write is known
/// to have taken effect and to have been replaced before it was confirmed: such a revision is never the current one.
/// </summary>
internal readonly record struct BucketRevision(WriteName Name, string Tag)
{
    private const int NameLength = 32;

    public bool IsGone => Tag.Length == 0;

    /// <summary>Parses what <see cref="ToString"/> gave; anything else is a revision that never was.</summary>
    public static BucketRevision Parse(string text) =>
        text.Length > NameLength && text[NameLength] == '.' && UInt128.TryParse(text.AsSpan(0, NameLength), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var name)
            ? new BucketRevision(new WriteName(name), text[(NameLength + 1)..])
            : new BucketRevision(default, string.Empty);

    public override string ToString() => $"{Name}.{Tag}";
}
