namespace Deucalion.Compactor.Compaction;

/// <summary>Why a merge came to nothing; its sources stay listed.</summary>
internal enum CompactionFailure
{
    /// <summary>The bucket, the disk or the coordination store failed; the next pass tries again.</summary>
    Unavailable,

    /// <summary>A source is damaged and is left out from now on.</summary>
    Damaged,

    /// <summary>The disk has too little room.</summary>
    NoSpace,

    /// <summary>The result was not what it had to be and was not published.</summary>
    WrongResult,
}

/// <summary>A merge came to nothing for a reason that is known.</summary>
internal sealed class CompactionException(CompactionFailure failure, string message, Exception? inner = null) : IOException(message, inner)
{
    /// <summary>The reason.</summary>
    public CompactionFailure Failure { get; } = failure;

    /// <summary>Blocks that are damaged.</summary>
    public IReadOnlyList<string> Damaged { get; init; } = [];
}
