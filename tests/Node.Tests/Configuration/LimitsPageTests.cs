using System.Runtime.CompilerServices;
using Deucalion.Node.Configuration;
using Xunit;

namespace Deucalion.Node.Tests.Configuration;

public sealed class LimitsPageTests
{
    [Fact]
    public void TellsOfEveryLimit()
    {
        var page = File.ReadAllText(Path.Combine(Root(), "docs", "limits.md"));
        Assert.All(LimitSchema.Keys, key => Assert.Contains($"| `{key.Name}` |", page, StringComparison.Ordinal));
    }

    private static string Root([CallerFilePath] string file = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "..", "..", ".."));
}
