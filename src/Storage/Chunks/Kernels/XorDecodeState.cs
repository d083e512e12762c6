namespace Deucalion.Storage.Chunks.Kernels;

/// <summary>Where a decoder stands between two runs over one chunk.</summary>
internal struct XorDecodeState
{
    public long Time;
    public long Delta;
    public ulong Value;

    // The window of the value bits. Trailing is 64 until the chunk has set one, which shifts like 0.
    public int Significant;
    public int Trailing;
    public int Read;
    public int Written;

    // In bits from the start of the data of the run.
    public int Position;

    // A sample newer than the range was met.
    public bool Ended;

    // Two neighbours were not in increasing order of time.
    public bool Unordered;
}
