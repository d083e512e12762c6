using System.Diagnostics;
using Deucalion.Common.Samples;
using Deucalion.Storage.Chunks;
using Deucalion.Storage.Chunks.Bits;
using Deucalion.Storage.Chunks.Histograms;
using Deucalion.Storage.Chunks.Xor;

namespace Deucalion.Storage.Head.Chunks;

/// <content>Chunks of histograms, and of floats with start timestamps: an appender makes the bits, which then go behind those in the units.</content>
internal sealed unsafe partial class ChunkStore
{
    // As in Prometheus: a chunk of histograms ends by its size, with at least some samples in it.
    private const int HistogramTargetBits = 1024 * 8;
    private const int MinHistograms = 10;

    // At most, what a bucket takes of a sample in a chunk: prefix and 64 bits, or window and 64 bits.
    private const int BucketBits = 80;

    private readonly OpenAppenders _encoded = new();
    private readonly BitWriter _bits = new();
    private readonly SampleBuffer _samples = new();

    /// <summary>Most bytes of a histogram (see <see cref="HistogramBytes"/>): a chunk then holds it whatever its values.</summary>
    public const int MaxHistogramBytes = 24 * 1024;

    /// <summary>Appends a histogram newer than the series' newest sample; it stays the caller's.</summary>
    public void Append(ref SeriesRow row, int generation, long time, long startTime, FloatHistogram histogram)
    {
        var afterReset = false;
        var open = row.OpenChunk;
        if (open != 0)
        {
            ref var slot = ref _slots[open];
            var descriptor = new ChunkDescriptor(slot.Descriptor);
            if (ChunkEncoding.IsHistogram(descriptor.Encoding))
            {
                var appender = HistogramAppenderOf(open, descriptor);
                var result = Takes(descriptor, histogram, startTime) && slot.Owner == generation << 1
                    ? Offer(appender, descriptor, time, startTime, histogram, out var anew)
                    : NewChunk(appender, histogram, out anew);
                if (result is HistogramAppendResult.Added or HistogramAppendResult.Recoded)
                {
                    slot.MaxTime = time;
                    Extend(ref row, ref slot, descriptor, appender.Count, appender.Flag, anew);
                    return;
                }

                afterReset = result == HistogramAppendResult.NewChunkAfterReset;
            }

            Close(ref row);
        }

        var first = First(time, startTime, histogram, afterReset);
        row.OpenChunk = Link(ref row, WriteChain(ref row, 1, first.Encoding, first.Flag), time, time, generation << 1);
        _encoded.Keep(row.OpenChunk, first);
    }

    /// <summary>Appends a float with a start timestamp, newer than the series' newest sample.</summary>
    public void Append(ref SeriesRow row, int generation, long time, ulong bits, long startTime)
    {
        var value = BitConverter.UInt64BitsToDouble(bits);
        var open = row.OpenChunk;
        if (open != 0)
        {
            ref var slot = ref _slots[open];
            var descriptor = new ChunkDescriptor(slot.Descriptor);
            if (descriptor.Encoding == ChunkEncoding.Xor2 && descriptor.Samples < ChunkDescriptor.MaxSamples && slot.Owner == generation << 1)
            {
                var appender = _encoded.Find<Xor2Appender>(open);
                if (appender is null)
                {
                    appender = Xor2Appender.Resume(Copy(descriptor));
                    _encoded.Keep(open, appender);
                }

                var anew = Offer(appender, descriptor, time, value, startTime);
                slot.MaxTime = time;
                Extend(ref row, ref slot, descriptor, appender.Count, 0, anew);
                return;
            }

            Close(ref row);
        }

        var first = new Xor2Appender();
        _bits.Clear();
        first.Append(time, value, startTime, _bits);
        row.OpenChunk = Link(ref row, WriteChain(ref row, 1, ChunkEncoding.Xor2, 0), time, time, generation << 1);
        _encoded.Keep(row.OpenChunk, first);
    }

    /// <summary>Adds a histogram older than the series' newest sample: behind an out-of-order chunk's last sample where it fits, else in a chunk of its own.</summary>
    public void Insert(ref SeriesRow row, int generation, long time, long startTime, FloatHistogram histogram)
    {
        var owner = (generation << 1) | 1;
        for (var i = row.FirstChunk; i != 0; i = _slots[i].Next)
        {
            ref var slot = ref _slots[i];
            var descriptor = new ChunkDescriptor(slot.Descriptor);
            if (slot.Owner != owner || slot.MaxTime >= time || descriptor.Samples >= MaxOutOfOrderSamples
                || !ChunkEncoding.IsHistogram(descriptor.Encoding) || !Takes(descriptor, histogram, startTime))
            {
                continue;
            }

            var appender = HistogramAppender.Resume(descriptor.Encoding, Copy(descriptor));
            if (Offer(appender, descriptor, time, startTime, histogram, out var anew) is HistogramAppendResult.Added or HistogramAppendResult.Recoded)
            {
                slot.MaxTime = time;
                Replace(ref slot, descriptor, appender.Count, appender.Flag, anew);
                return;
            }
        }

        var first = First(time, startTime, histogram, false);
        var tail = default(SeriesRow);
        Link(ref row, WriteChain(ref tail, 1, first.Encoding, first.Flag), time, time, owner);
    }

    /// <summary>Adds a float with a start timestamp older than the series' newest sample, as <see cref="Insert(ref SeriesRow, int, long, long, FloatHistogram)"/>.</summary>
    public void Insert(ref SeriesRow row, int generation, long time, ulong bits, long startTime)
    {
        var owner = (generation << 1) | 1;
        var value = BitConverter.UInt64BitsToDouble(bits);
        for (var i = row.FirstChunk; i != 0; i = _slots[i].Next)
        {
            ref var slot = ref _slots[i];
            var descriptor = new ChunkDescriptor(slot.Descriptor);
            if (slot.Owner == owner && slot.MaxTime < time && descriptor.Samples < MaxOutOfOrderSamples && descriptor.Encoding == ChunkEncoding.Xor2)
            {
                var appender = Xor2Appender.Resume(Copy(descriptor));
                var anew = Offer(appender, descriptor, time, value, startTime);
                slot.MaxTime = time;
                Replace(ref slot, descriptor, appender.Count, 0, anew);
                return;
            }
        }

        var first = new Xor2Appender();
        _bits.Clear();
        first.Append(time, value, startTime, _bits);
        var tail = default(SeriesRow);
        Link(ref row, WriteChain(ref tail, 1, ChunkEncoding.Xor2, 0), time, time, owner);
    }

    private static bool Takes(ChunkDescriptor descriptor, FloatHistogram histogram, long startTime)
    {
        var isFull = descriptor.Samples >= ChunkDescriptor.MaxSamples || (descriptor.Bits >= HistogramTargetBits && descriptor.Samples >= MinHistograms);
        var buckets = (long)histogram.PositiveBuckets.Length + histogram.NegativeBuckets.Length;
        var spans = (long)histogram.PositiveSpans.Length + histogram.NegativeSpans.Length;
        var most = descriptor.Bits + ((buckets + 8) * (descriptor.Samples + 64 + BucketBits)) + (spans * BucketBits);
        var wanted = SpecialValues.IsStaleNaN(histogram.Sum)
            ? descriptor.Encoding
            : HistogramAppender.EncodingOf(histogram, startTime != 0);
        return !isFull && most <= ChunkDescriptor.MaxBits && wanted == descriptor.Encoding;
    }

    private static HistogramAppendResult NewChunk(HistogramAppender appender, FloatHistogram histogram, out bool anew)
    {
        anew = false;
        return appender.Fit(histogram).Result == HistogramAppendResult.NewChunkAfterReset
            ? HistogramAppendResult.NewChunkAfterReset : HistogramAppendResult.NewChunk;
    }

    private HistogramAppender HistogramAppenderOf(int slot, ChunkDescriptor descriptor)
    {
        var appender = _encoded.Find<HistogramAppender>(slot);
        if (appender is null)
        {
            appender = HistogramAppender.Resume(descriptor.Encoding, Copy(descriptor));
            _encoded.Keep(slot, appender);
        }

        return appender;
    }

    private HistogramAppender First(long time, long startTime, FloatHistogram histogram, bool afterReset)
    {
        var appender = new HistogramAppender(HistogramAppender.EncodingOf(histogram, startTime != 0));
        appender.Begin(afterReset);
        _bits.Clear();
        appender.AppendFirst(time, startTime, histogram, _bits);
        return appender;
    }

    // Leaves in _bits what is new of the chunk, or all of it where it must be written anew.
    private HistogramAppendResult Offer(
        HistogramAppender appender, ChunkDescriptor descriptor, long time, long startTime, FloatHistogram histogram, out bool anew)
    {
        anew = false;
        var fit = appender.Fit(histogram);
        if (fit.Result is HistogramAppendResult.NewChunk or HistogramAppendResult.NewChunkAfterReset)
        {
            return fit.Result;
        }

        _bits.Clear();
        anew = appender.NeedsRecode(fit, startTime);
        if (anew)
        {
            appender.Recode(Copy(descriptor), fit, startTime, _bits);
        }

        appender.AppendNext(time, startTime, fit.Histogram, _bits);
        return fit.Result;
    }

    private bool Offer(Xor2Appender appender, ChunkDescriptor descriptor, long time, double value, long startTime)
    {
        _bits.Clear();
        var anew = appender.NeedsRecode(startTime);
        if (anew)
        {
            appender.Recode(Copy(descriptor), _bits);
        }

        appender.Append(time, value, startTime, _bits);
        return anew;
    }

    // Puts _bits behind the open chunk's, or in its place; its bounds must have been set.
    private void Extend(ref SeriesRow row, ref ChunkSlot slot, ChunkDescriptor descriptor, int samples, byte flag, bool anew)
    {
        if (anew)
        {
            Volatile.Write(ref slot.Descriptor, WriteChain(ref row, samples, descriptor.Encoding, flag).Word);
            _retired.Add((descriptor.Unit, 0));
            return;
        }

        var writer = new UnitBitWriter(_units, row.TailUnit, row.TailBits);
        writer.Write(_bits.Span, _bits.Count);
        row.TailUnit = writer.Tail;
        row.TailBits = (short)writer.TailBits;
        Volatile.Write(ref slot.Descriptor, descriptor.Longer(_bits.Count).Word);
    }

    // Puts a chunk with _bits behind a closed chunk's, or with them alone, in its place.
    private void Replace(ref ChunkSlot slot, ChunkDescriptor descriptor, int samples, byte flag, bool anew)
    {
        var unit = UnitBitWriter.NewUnit(_units);
        var writer = new UnitBitWriter(_units, unit, 0);
        var bits = _bits.Count;
        if (!anew)
        {
            writer.Write(Copy(descriptor)[2..], descriptor.Bits);
            bits += descriptor.Bits;
        }

        writer.Write(_bits.Span, _bits.Count);
        Volatile.Write(ref slot.Descriptor, Describe(unit, bits, samples, descriptor.Encoding, flag).Word);
        _retired.Add((descriptor.Unit, 0));
    }

    // Writes _bits as a chain that the row's tail stands at the end of.
    private ChunkDescriptor WriteChain(ref SeriesRow row, int samples, byte encoding, byte flag)
    {
        var unit = UnitBitWriter.NewUnit(_units);
        var writer = new UnitBitWriter(_units, unit, 0);
        writer.Write(_bits.Span, _bits.Count);
        row.TailUnit = writer.Tail;
        row.TailBits = (short)writer.TailBits;
        return Describe(unit, _bits.Count, samples, encoding, flag);
    }

    private static ChunkDescriptor Describe(uint unit, int bits, int samples, byte encoding, byte flag)
    {
        Debug.Assert(bits <= ChunkDescriptor.MaxBits && samples <= ChunkDescriptor.MaxSamples, "a chunk fits its descriptor");
        return new ChunkDescriptor(unit, bits, samples, encoding, ChunkDescriptor.HoldsFlag(encoding) ? flag : (byte)0);
    }

    private bool TryFind(ChunkDescriptor descriptor, long time, out SampleIdentity sample)
    {
        _samples.Clear();
        ChunkDecoder.Decode(descriptor.Encoding, Copy(descriptor), time, time, _samples);
        sample = _samples.Count > 0 ? SampleIdentity.Of(_samples.Values[0])
            : _samples.Histograms.Length > 0 ? SampleIdentity.Of(_samples.Histograms[0].Histogram) : default;
        return _samples.Count + _samples.Histograms.Length > 0;
    }

    private ReadOnlySpan<byte> Copy(ChunkDescriptor descriptor)
    {
        if (_bytes.Length < descriptor.Length)
        {
            _bytes = new byte[Math.Max(descriptor.Length, _bytes.Length * 2)];
        }

        var chunk = _bytes.AsSpan(0, descriptor.Length);
        CopyTo(descriptor, chunk);
        return chunk;
    }
}
