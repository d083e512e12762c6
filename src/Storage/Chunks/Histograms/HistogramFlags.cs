using Deucalion.Common.Samples;

namespace Deucalion.Storage.Chunks.Histograms;

/// <summary>The counter reset flag in the header of a histogram chunk.</summary>
internal static class HistogramFlags
{
    public const int Mask = 0xc0;
    public const byte Unknown = 0;
    public const byte CounterReset = 0x80;
    public const byte NotCounterReset = 0x40;
    public const byte Gauge = 0xc0;

    public static byte Of(CounterResetHint hint) => hint switch
    {
        CounterResetHint.CounterReset => CounterReset,
        CounterResetHint.NotCounterReset => NotCounterReset,
        CounterResetHint.Gauge => Gauge,
        _ => Unknown,
    };
}
