using Deucalion.Common.Samples;
using Deucalion.Storage.Chunks.Bits;

namespace Deucalion.Storage.Chunks.Xor;

/// <summary>
/// Appends floats with start timestamps to a XOR2 chunk (encoding 4) whose bytes lie elsewhere, bit for bit as Prometheus does. It writes what stands
/// behind the sample count, which the caller keeps. Not thread-safe.
/// </summary>
internal sealed class Xor2Appender
{
    /// <summary>Most samples: as far as the header can tell where start timestamps change.</summary>
    public const int MaxSamples = 127;

    private XorField _field;
    private StartTimeWriter _starts;
    private long _delta;

    /// <summary>Number of samples.</summary>
    public int Count { get; private set; }

    /// <summary>Time of the newest sample.</summary>
    public long MaxTime { get; private set; }

    /// <summary>An appender that stands at the end of a chunk.</summary>
    /// <exception cref="CorruptChunkException">The chunk is damaged.</exception>
    public static Xor2Appender Resume(ReadOnlySpan<byte> chunk)
    {
        var appender = new Xor2Appender();
        appender.WriteAnew(chunk, chunk[2] & 0x7f, new BitWriter());
        return appender;
    }

    /// <summary>Starts an empty chunk.</summary>
    public void Begin()
    {
        Count = 0;
        _field = default;
        _delta = 0;
    }

    /// <summary>Whether the chunk must be written anew, by <see cref="Recode"/>, before a sample with this start timestamp is appended.</summary>
    public bool NeedsRecode(long startTime) => Count > 0 && _starts.ChangesHeader(startTime);

    /// <summary>Writes the chunk (as it is, with its sample count) anew, so that the next sample may have another start timestamp.</summary>
    public void Recode(ReadOnlySpan<byte> chunk, BitWriter output) => WriteAnew(chunk, Count, output);

    /// <summary>Writes a sample, newer than the last; the first one with the header.</summary>
    public void Append(long time, double value, long startTime, BitWriter output)
    {
        if (Count == 0)
        {
            _starts.Begin(startTime, 0);
        }

        Write(time, value, startTime, output);
    }

    private void WriteAnew(ReadOnlySpan<byte> chunk, int firstChanged, BitWriter output)
    {
        var samples = new SampleBuffer();
        Xor2Chunk.Decode(chunk, long.MinValue, long.MaxValue, samples);
        Begin();
        for (var i = 0; i < samples.Count; i++)
        {
            var start = samples.StartTimes.IsEmpty ? 0 : samples.StartTimes[i];
            if (i == 0)
            {
                _starts.Begin(start, firstChanged);
            }

            Write(samples.Times[i], samples.Values[i], start, output);
        }
    }

    private void Write(long time, double value, long startTime, BitWriter output)
    {
        var bits = BitConverter.DoubleToUInt64Bits(value);
        var isStale = bits == SpecialValues.StaleNaNBits;
        if (Count == 0)
        {
            output.Bits(_starts.Header, 8);
            output.Varint(time);
            output.Bits(bits, 64);
            _field.Set(isStale ? 0 : bits);
        }
        else if (Count == 1)
        {
            _delta = time - MaxTime;
            output.Uvarint((ulong)_delta);
            WriteValue(bits, isStale, output);
        }
        else
        {
            WriteInterval(time - MaxTime, bits, isStale, output);
        }

        _starts.Write(output, Count, time, MaxTime, startTime);
        MaxTime = time;
        Count++;
    }

    private void WriteInterval(long delta, ulong bits, bool isStale, BitWriter output)
    {
        var change = delta - _delta;
        _delta = delta;
        switch (change)
        {
            case 0 when isStale:
                output.Bits(0b11111, 5);
                return;
            case 0 when bits == _field.Bits:
                output.Bits(0, 1);
                return;
            case 0:
                WriteChanged(0b10, 2, bits, output);
                return;
            case >= -4096 and <= 4095:
                output.Bits(0b110, 3);
                output.Bits((ulong)change & 0x1fff, 13);
                break;
            case >= -524288 and <= 524287:
                output.Bits(0b1110, 4);
                output.Bits((ulong)change & 0xfffff, 20);
                break;
            default:
                output.Bits(0b11110, 5);
                output.Bits((ulong)change, 64);
                break;
        }

        WriteValue(bits, isStale, output);
    }

    private void WriteValue(ulong bits, bool isStale, BitWriter output)
    {
        if (isStale)
        {
            output.Bits(0b111, 3);
        }
        else if (bits == _field.Bits)
        {
            output.Bits(0, 1);
        }
        else if (_field.FitsWindow(bits))
        {
            output.Bits(0b10, 2);
            _field.WriteChange(output, bits);
        }
        else
        {
            output.Bits(0b110, 3);
            _field.WriteWindow(output, bits);
        }
    }

    private void WriteChanged(uint prefix, int size, ulong bits, BitWriter output)
    {
        output.Bits(prefix, size);
        if (_field.FitsWindow(bits))
        {
            output.Bits(0, 1);
            _field.WriteChange(output, bits);
        }
        else
        {
            output.Bits(1, 1);
            _field.WriteWindow(output, bits);
        }
    }
}
