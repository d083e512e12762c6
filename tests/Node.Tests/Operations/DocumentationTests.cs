using System.Text.RegularExpressions;
using Xunit;

namespace Deucalion.Node.Tests.Operations;

public sealed partial class DocumentationTests
{
    private static IEnumerable<string> Pages =>
    [
        .. Directory.EnumerateFiles(Repository.PathOf("docs"), "*.md", SearchOption.AllDirectories),
        .. new[] { "src", "tests" }.SelectMany(static folder => Directory.EnumerateDirectories(Repository.PathOf(folder))).Select(static folder => Path.Combine(folder, "README.md")).Where(File.Exists),
        Repository.PathOf("README.md"),
        Repository.PathOf("CHANGELOG.md"),
    ];

    [Fact]
    public void LeadsOnlyToPagesAndSectionsThatExist()
    {
        var broken = new List<string>();
        foreach (var page in Pages)
        {
            foreach (var link in Link().Matches(File.ReadAllText(page)).Select(static m => m.Groups[1].Value).Where(static l => !l.Contains("://", StringComparison.Ordinal)))
            {
                var parts = link.Split('#');
                var target = parts[0].Length == 0 ? page : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(page)!, parts[0]));
                if (!Path.Exists(target) || (parts.Length > 1 && !Anchors(target).Contains(parts[1])))
                {
                    broken.Add($"{Path.GetRelativePath(Repository.PathOf("."), page)}: {link}");
                }
            }
        }

        Assert.Empty(broken);
    }

    [Fact]
    public void HasEveryPageInItsIndex()
    {
        var index = Repository.Text("docs/README.md");
        Assert.All(
            Directory.EnumerateFiles(Repository.PathOf("docs"), "*.md").Select(static f => Path.GetFileName(f)).Where(static f => f != "README.md"),
            page => Assert.Contains($"]({page}", index, StringComparison.Ordinal));
    }

    [Fact]
    public void ExplainsOnlyMessagesThatTheSourcesHave()
    {
        var messages = Message().Matches(Repository.Text("docs/troubleshooting.md")).Select(static m => m.Groups[1].Value).ToList();
        Assert.True(messages.Count > 20, $"only {messages.Count} messages found");
        Assert.All(messages.SelectMany(static m => m.Split("...")), static part => Assert.True(Repository.HasText(part.Trim()), $"no source has \"{part.Trim()}\""));
    }

    /// <summary>Sections as GitHub names them: lower case, blanks as hyphens, no other signs.</summary>
    private static HashSet<string> Anchors(string page) =>
        [.. Heading().Matches(File.ReadAllText(page)).Select(static m => Sign().Replace(m.Groups[1].Value.Trim().ToLowerInvariant(), string.Empty).Replace(' ', '-'))];

    [GeneratedRegex(@"(?<!!)\[[^\]]+\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex Sign();

    [GeneratedRegex(@"^\| `([^`]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Message();
}
