using System.Runtime.CompilerServices;
using Deucalion.Node.Configuration;
using Xunit;

namespace Deucalion.Node.Tests.Configuration;

public sealed class ConfigurationPageTests
{
    [Fact]
    public void DocumentsEveryKey_AsTheSchemaHasIt()
    {
        var page = Path.Combine(Root(), "docs", "configuration.md");
        if (Environment.GetEnvironmentVariable("DEUCALION_WRITE_DOCS") == "1")
        {
            File.WriteAllText(page, ConfigSchema.ToMarkdown());
        }

        Assert.True(
            File.ReadAllText(page) == ConfigSchema.ToMarkdown(),
            "docs/configuration.md differs from the schema; write it anew: DEUCALION_WRITE_DOCS=1 ./test quick Node.Tests");
    }

    private static string Root([CallerFilePath] string file = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "..", "..", ".."));
}
