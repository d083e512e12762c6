namespace Deucalion.PromQL.Tests.Conformance;

/// <summary>Commands of the scripts that are known to fail, each with the reason.</summary>
internal static class ScriptExemptions
{
    private static readonly (string File, int Line, string Reason)[] All =
    [
    ];

    public static IReadOnlyCollection<int> Lines(string file) => [.. All.Where(e => e.File == file).Select(e => e.Line)];
}
