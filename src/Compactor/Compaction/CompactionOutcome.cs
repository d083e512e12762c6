using Deucalion.Common.Manifests;

namespace Deucalion.Compactor.Compaction;

/// <summary>What became of a group.</summary>
/// <param name="IsReplaced">Whether the sources have left the manifest for the result; false where somebody else had changed them before.</param>
/// <param name="Result">The block that is listed instead; null also where all samples were deleted.</param>
internal readonly record struct CompactionOutcome(bool IsReplaced, ManifestBlock? Result);
