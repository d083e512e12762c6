namespace Deucalion.Storage.Index;

/// <summary>Constants of the index file.</summary>
internal static class IndexFormat
{
    public const uint Magic = 0xBAAAD700;
    public const int HeaderSize = 5;
    public const byte WrittenVersion = 2;
    public const byte MaxVersion = 3;
    public const int TocSize = 52;
    public const int SeriesAlignment = 16;
    public const int CrcSize = 4;

    // How many entries of a table a reader skips over at most to find one.
    public const int Sampling = 32;
}
