namespace Deucalion.PromQL.Tests.Conformance;

/// <summary>Commands of the scripts that are known to fail, each with the reason.</summary>
internal static class ScriptExemptions
{
    private static readonly (string File, int Line, string Reason)[] All =
    [
        ("aggregators.test", 481, "a label name that is not UTF-8 is refused, but shown with the replacement character"),
    ];

    public static IReadOnlyCollection<int> Lines(string file) => [.. All.Where(e => e.File == file).Select(e => e.Line)];
}
