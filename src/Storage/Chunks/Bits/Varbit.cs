namespace Deucalion.Storage.Chunks.Bits;

/// <summary>The sizes of varbit numbers.</summary>
internal static class Varbit
{
    /// <summary>Bits of the number behind a prefix of so many ones.</summary>
    public static ReadOnlySpan<byte> Sizes => [0, 3, 6, 9, 12, 18, 25, 56, 64];
}
