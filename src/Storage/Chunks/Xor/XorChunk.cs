using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Deucalion.Common.Samples;
using Deucalion.Storage.Chunks.Kernels;

namespace Deucalion.Storage.Chunks.Xor;

/// <summary>
/// Decodes XOR chunks (encoding 1) in batches. Any bytes may be given: what cannot be a chunk is <see cref="CorruptChunkException"/>.
/// </summary>
public static class XorChunk
{
    private const int MaxVarintSize = 10;

    /// <summary>Number of samples as the header has it.</summary>
    public static int Count(ReadOnlySpan<byte> chunk)
    {
        if (chunk.Length < XorAppender.HeaderSize)
        {
            Corrupt("shorter than its header");
        }

        return BinaryPrimitives.ReadUInt16BigEndian(chunk);
    }

    /// <summary>
    /// Adds the samples with minTime ≤ time ≤ maxTime to the buffer, behind those that are there. Times must increase strictly within the
    /// chunk.
    /// </summary>
    public static void Decode(ReadOnlySpan<byte> chunk, long minTime, long maxTime, SampleBuffer buffer)
    {
        var count = Count(chunk);
        RequirePlausible(chunk, count);
        buffer.Reserve(count, out var times, out var values);
        var state = Run(chunk, count, minTime, maxTime, times, values);
        if (state.Unordered)
        {
            Corrupt("times do not increase");
        }

        buffer.Advance(state.Written);
    }

    /// <summary>
    /// Decodes the first <paramref name="count"/> samples of the chunk (no more than its bytes hold, whatever its header says) and writes
    /// those with minTime ≤ time ≤ maxTime; returns their number. Both destinations hold at least <paramref name="count"/>. Equal times are
    /// let pass.
    /// </summary>
    public static int Decode(ReadOnlySpan<byte> chunk, int count, long minTime, long maxTime, Span<long> times, Span<double> values)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(times.Length, count);
        ArgumentOutOfRangeException.ThrowIfLessThan(values.Length, count);
        RequirePlausible(chunk, count);
        return Run(chunk, count, minTime, maxTime, times, values).Written;
    }

    /// <summary>
    /// An appender that continues the chunk where its last sample ends; the chunk must be complete and unpadded but for its last byte.
    /// </summary>
    public static XorAppender Resume(ReadOnlySpan<byte> chunk)
    {
        var count = Count(chunk);
        RequirePlausible(chunk, count);
        if (count == 0)
        {
            return default;
        }

        // Nothing lies after long.MaxValue, so every sample is read and the last one stays in the state.
        var times = new long[count];
        var values = new double[count];
        var state = Run(chunk, count, long.MinValue, long.MaxValue, times, values);
        var significant = state.Trailing == 64 ? 0 : state.Significant;
        return new XorAppender(count, state.Position, state.Time, state.Delta, state.Value, significant, state.Trailing & 63);
    }

    private static void RequirePlausible(ReadOnlySpan<byte> chunk, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);

        // The first sample takes 9 bytes at least, the second 9 bits, each other 2 bits.
        if (count > 0 && (chunk.Length < 11 || count - 1 > ((long)chunk.Length - 11) * 4))
        {
            Corrupt("too short for its number of samples");
        }
    }

    private static XorDecodeState Run(
        ReadOnlySpan<byte> chunk, int count, long minTime, long maxTime, Span<long> times, Span<double> values)
    {
        var state = new XorDecodeState { Significant = 64, Trailing = 64 };
        if (count == 0)
        {
            return state;
        }

        var at = XorAppender.HeaderSize;
        var first = ReadVarint(chunk, ref at);
        state.Time = (long)(first >> 1) ^ -(long)(first & 1);
        if (chunk.Length - at < 8)
        {
            Corrupt("ends in its first sample");
        }

        state.Value = BinaryPrimitives.ReadUInt64BigEndian(chunk[at..]);
        at += 8;
        state.Read = 1;
        state.Ended = state.Time > maxTime;
        if (state.Time >= minTime && !state.Ended)
        {
            times[0] = state.Time;
            values[0] = BitConverter.UInt64BitsToDouble(state.Value);
            state.Written = 1;
        }

        if (count > 1 && !state.Ended)
        {
            // The kernel reads a change of the interval before each value. The second sample has the interval itself instead, so the kernel
            // is started one bit early; that bit, the lowest of the varint's last byte, is put aside by RunSecond.
            state.Delta = (long)ReadVarint(chunk, ref at);
            state.Position = at * 8;
            RunSecond(chunk, minTime, maxTime, times, values, ref state);
            RunRest(chunk, count, minTime, maxTime, times, values, ref state);
        }
        else
        {
            state.Position = at * 8;
        }

        return state;
    }

    // The value of the second sample, from a copy of its bytes behind a zero bit that says "interval unchanged".
    private static void RunSecond(
        ReadOnlySpan<byte> chunk, long minTime, long maxTime, Span<long> times, Span<double> values, ref XorDecodeState state)
    {
        Span<byte> scratch = stackalloc byte[1 + 10 + XorDecodeKernel.Slack];
        scratch.Clear();
        var at = state.Position / 8;
        var source = chunk[at..Math.Min(chunk.Length, at + 10)];
        source.CopyTo(scratch[1..]);
        state.Position = 7;
        XorDecodeKernel.Run(
            ref MemoryMarshal.GetReference(scratch), 0, 2, minTime, maxTime,
            ref MemoryMarshal.GetReference(times), ref MemoryMarshal.GetReference(values), ref state);
        if (state.Position > 8 + (source.Length * 8))
        {
            Corrupt("ends in its second sample");
        }

        state.Position += (at - 1) * 8;
    }

    private static void RunRest(
        ReadOnlySpan<byte> chunk, int count, long minTime, long maxTime, Span<long> times, Span<double> values, ref XorDecodeState state)
    {
        var fast = chunk.Length - XorDecodeKernel.Slack;
        if (fast > 0 && !state.Ended)
        {
            XorDecodeKernel.Run(
                ref MemoryMarshal.GetReference(chunk), fast, count, minTime, maxTime,
                ref MemoryMarshal.GetReference(times), ref MemoryMarshal.GetReference(values), ref state);
        }

        if (state.Read == count || state.Ended)
        {
            if (state.Position > chunk.Length * 8)
            {
                Corrupt("ends within a sample");
            }

            return;
        }

        // The last bytes are decoded from a copy that zeros follow.
        Span<byte> scratch = stackalloc byte[2 * XorDecodeKernel.Slack];
        scratch.Clear();
        var start = Math.Min(state.Position / 8, chunk.Length);
        var tail = chunk[start..];
        tail.CopyTo(scratch);
        state.Position -= start * 8;
        XorDecodeKernel.Run(
            ref MemoryMarshal.GetReference(scratch), tail.Length, count, minTime, maxTime,
            ref MemoryMarshal.GetReference(times), ref MemoryMarshal.GetReference(values), ref state);
        if (state.Position > tail.Length * 8 || (state.Read < count && !state.Ended))
        {
            Corrupt("ends within a sample");
        }

        state.Position += start * 8;
    }

    private static ulong ReadVarint(ReadOnlySpan<byte> chunk, ref int at)
    {
        var result = 0UL;
        for (var i = 0; i < MaxVarintSize && at < chunk.Length; i++)
        {
            var b = chunk[at++];
            result |= (ulong)(b & 0x7f) << (7 * i);
            if (b < 0x80)
            {
                return result;
            }
        }

        Corrupt("has no valid time");
        return 0;
    }

    [DoesNotReturn]
    private static void Corrupt(string what) => throw new CorruptChunkException($"XOR chunk {what}");
}
