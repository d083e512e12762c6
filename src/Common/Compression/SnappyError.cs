namespace Deucalion.Common.Compression;

/// <summary>What is wrong with a snappy block.</summary>
public enum SnappyError
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The block ends inside its length.</summary>
    TruncatedLength,

    /// <summary>The stated length is not a 32-bit number, or not what the caller made room for.</summary>
    InvalidLength,

    /// <summary>The block ends inside an element.</summary>
    TruncatedInput,

    /// <summary>A copy reaches before the start of the output.</summary>
    InvalidOffset,

    /// <summary>The elements hold more than the stated length.</summary>
    TooMuchOutput,

    /// <summary>The elements hold less than the stated length.</summary>
    TooLittleOutput,
}
