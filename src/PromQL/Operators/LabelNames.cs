using System.Text;

namespace Deucalion.PromQL.Operators;

/// <summary>Label names given in queries.</summary>
internal static class LabelNames
{
    /// <summary>Any text is valid that is not empty and was valid UTF-8: the parser turns other bytes into lone surrogates.</summary>
    public static bool IsValid(string name)
    {
        for (var i = 0; i < name.Length; i++)
        {
            if (!Rune.TryGetRuneAt(name, i, out var rune))
            {
                return false;
            }

            i += rune.Utf16SequenceLength - 1;
        }

        return name.Length > 0;
    }
}
