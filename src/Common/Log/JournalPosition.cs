namespace Deucalion.Common.Log;

/// <summary>A byte position in a journal: segment number in the upper 32 bits, offset in the lower. Grows along the journal.</summary>
public readonly record struct JournalPosition(ulong Value) : IComparable<JournalPosition>
{
    /// <summary>The position of an offset in a segment.</summary>
    public JournalPosition(long segment, long offset)
        : this(((ulong)segment << 32) | (uint)offset)
    {
    }

    /// <summary>Segment number, from 1.</summary>
    public long Segment => (long)(Value >> 32);

    /// <summary>Offset in the segment's file, bytes.</summary>
    public long Offset => (uint)Value;

    /// <summary>Whether left lies before right.</summary>
    public static bool operator <(JournalPosition left, JournalPosition right) => left.Value < right.Value;

    /// <summary>Whether left lies behind right.</summary>
    public static bool operator >(JournalPosition left, JournalPosition right) => left.Value > right.Value;

    /// <summary>Whether left lies before right or is it.</summary>
    public static bool operator <=(JournalPosition left, JournalPosition right) => left.Value <= right.Value;

    /// <summary>Whether left lies behind right or is it.</summary>
    public static bool operator >=(JournalPosition left, JournalPosition right) => left.Value >= right.Value;

    /// <inheritdoc/>
    public int CompareTo(JournalPosition other) => Value.CompareTo(other.Value);

    /// <inheritdoc/>
    public override string ToString() => $"{Segment}:{Offset}";
}
