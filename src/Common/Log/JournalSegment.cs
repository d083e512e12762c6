namespace Deucalion.Common.Log;

/// <summary>What is known of one segment file.</summary>
internal sealed class JournalSegment(long number, string path)
{
    public long Number { get; } = number;

    public string Path { get; } = path;

    /// <summary>End of what is valid and written.</summary>
    public long Length { get; set; }

    /// <summary>Highest seq of each partition that has records here.</summary>
    public Dictionary<int, long> LastSeq { get; } = [];

    /// <summary>Ranges that a reader must skip: damage below the synced mark. Such a segment is never deleted.</summary>
    public List<(long Start, long End)> Damage { get; } = [];
}
