namespace Deucalion.PromQL.Tests.Parser;

/// <summary>Queries of public test suites.</summary>
internal static class QueryFiles
{
    public static string[] Read(string name) =>
        File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Parser", "Queries", name));

    public static string[] All() => [.. Read("promqltest.txt"), .. Read("compliance.txt")];
}
