namespace Deucalion.PromQL.Operators;

/// <summary>Label names given in queries.</summary>
internal static class LabelNames
{
    /// <summary>Any text is valid that is not empty and was valid UTF-8, which the replacement character says it was not.</summary>
    public static bool IsValid(string name) => name.Length > 0 && !name.Contains('\uFFFD');
}
