using System.Text.RegularExpressions;
using Deucalion.Node.Security;
using Xunit;

namespace Deucalion.Node.Tests.Operations;

public sealed partial class HttpApiPageTests
{
    private static readonly Dictionary<string, string> Documented =
        Row().Matches(Repository.Text("docs/http-api.md")).ToDictionary(static m => m.Groups["path"].Value, static m => m.Groups["right"].Value);

    // A node of the test suite is asked for its routes and compared with that list, so it is complete.
    private static readonly List<string> Routes = [.. Path().Matches(Repository.Text("tests/Interop/Security/ExpectedRoutes.cs")).Select(static m => m.Groups[1].Value)
        .Where(static path => !path.Contains("{**rest}", StringComparison.Ordinal) && path is not ("/prometheus/" or "/prometheus" or "/assets/")).Distinct()];

    [Fact]
    public void NamesEveryRoute()
    {
        Assert.True(Routes.Count > 40, $"only {Routes.Count} routes found");
        Assert.Equal(Routes.Order(StringComparer.Ordinal), Documented.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void NamesTheRightThatEachRouteTakes() => Assert.All(Documented, static row =>
    {
        var rule = RouteRules.Of(row.Key);
        Assert.Equal(rule.Rights == AccessRight.None ? "none" : rule.RightsText, row.Value);
    });

    [GeneratedRegex(@"^\| `(?<path>/[^`]*)` \| (?:GET|POST|HEAD|PUT|DELETE|, )+ \| (?<right>[a-z ]+) \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"""(/[^""]*)""")]
    private static partial Regex Path();
}
