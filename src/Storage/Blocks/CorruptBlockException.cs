namespace Deucalion.Storage.Blocks;

/// <summary>A file of a block is damaged or not of the format; the block must be set aside.</summary>
public sealed class CorruptBlockException : IOException
{
    /// <summary>Says what is wrong.</summary>
    public CorruptBlockException(string message)
        : base(message)
    {
    }

    /// <summary>Says what is wrong and what it follows from.</summary>
    public CorruptBlockException(string message, Exception? inner)
        : base(message, inner)
    {
    }
}
