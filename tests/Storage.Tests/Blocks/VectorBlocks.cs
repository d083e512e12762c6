namespace Deucalion.Storage.Tests.Blocks;

/// <summary>Blocks written by Prometheus.</summary>
internal static class VectorBlocks
{
    public static string Directory(string name) => Path.Combine(AppContext.BaseDirectory, "testdata", "tsdb", name);

    public static string Block(string name) => Directory(Path.Combine("blocks", name));

    public static byte[] File(string block, string file) => System.IO.File.ReadAllBytes(Path.Combine(Block(block), file));
}
