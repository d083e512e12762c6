using Deucalion.Common.Contracts;

namespace Deucalion.Storage.Head.Records;

/// <summary>The records of the samples of one request, as they come to be. One instance is reused.</summary>
internal sealed class RequestRecords
{
    // A record that has so many samples, or bytes, is ended and another one begun: no request makes one that is larger than a log takes.
    private const int MaxSamples = 1 << 20;
    private const int MaxBytes = 16 << 20;

    public SeriesRecord Series { get; } = new();

    public SamplesRecord Samples { get; } = new();

    public HistogramsRecord Histograms { get; } = new();

    /// <summary>Whether they have to be ended before more is added.</summary>
    public bool AreFull => Samples.Count >= MaxSamples || Series.Length >= MaxBytes || Histograms.Length >= MaxBytes;

    public void Clear()
    {
        Series.Clear();
        Samples.Clear();
        Histograms.Clear();
    }

    /// <summary>Writes what there is, series before what refers to them, and begins anew; returns how many samples and histograms that were.</summary>
    public int End(IRecordSink records)
    {
        var count = Samples.Count + Histograms.Count;
        if (Series.Count > 0)
        {
            Series.WriteTo(records.Begin(RecordKind.Series));
            records.End();
        }

        if (Samples.Count > 0)
        {
            Samples.WriteTo(records.Begin(RecordKind.Samples));
            records.End();
        }

        if (Histograms.Count > 0)
        {
            Histograms.WriteTo(records.Begin(RecordKind.Histograms));
            records.End();
        }

        Clear();
        return count;
    }
}
