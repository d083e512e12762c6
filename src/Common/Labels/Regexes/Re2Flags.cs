namespace Deucalion.Common.Labels.Regexes;

/// <summary>Flags that an expression switches with <c>(?imsU)</c>.</summary>
[Flags]
internal enum Re2Flags
{
    None = 0,

    /// <summary>Letters match in any case.</summary>
    Fold = 1,

    /// <summary><c>^</c> and <c>$</c> match at lines.</summary>
    MultiLine = 2,

    /// <summary><c>.</c> matches a line feed too.</summary>
    DotNewline = 4,

    /// <summary>Repetitions prefer fewer.</summary>
    NonGreedy = 8,
}
