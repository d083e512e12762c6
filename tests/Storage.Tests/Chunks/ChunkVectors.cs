using System.Globalization;
using System.Text.Json;

namespace Deucalion.Storage.Tests.Chunks;

/// <summary>The reference vectors of the chunk encodings.</summary>
internal static class ChunkVectors
{
    public static JsonElement Section(string name)
    {
        var path = Path.Combine(AppContext.BaseDirectory, "testdata", "tsdb", "chunkenc-vectors.json");
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        return document.RootElement.GetProperty(name).Clone();
    }

    public static byte[] Bytes(JsonElement hex) => Convert.FromHexString(hex.GetString()!);

    public static double Double(JsonElement bits) => BitConverter.UInt64BitsToDouble(Bits(bits));

    public static ulong Bits(JsonElement bits) => ulong.Parse(bits.GetString()!, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
