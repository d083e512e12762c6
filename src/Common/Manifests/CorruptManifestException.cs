using Deucalion.Common.Objects;

namespace Deucalion.Common.Manifests;

/// <summary>A manifest is damaged, is someone else's, or was written by a newer version.</summary>
public sealed class CorruptManifestException(string message, Exception? inner) : ObjectStoreException(message, inner);
