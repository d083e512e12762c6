using Deucalion.Storage.Blocks;

namespace Deucalion.Storage.Tools;

/// <summary>A block found in a directory: where, what meta.json says of it, and the bytes of all its files.</summary>
public sealed record DatabaseBlock(string Directory, BlockMeta Meta, long Bytes);
