using Deucalion.Common.Labels;
using Deucalion.Ruler.Evaluation;
using Deucalion.Ruler.Templates;
using Xunit;

namespace Deucalion.Ruler.Tests.Templates;

public sealed class TemplateTests
{
    private static readonly TemplateData Data = new()
    {
        Labels = Labels.Of(("__name__", "m"), ("instance", "host.example.org:9090"), ("job", "j")),
        ExternalLabels = Labels.Of(("region", "eu")),
        ExternalUrl = "http://prom.example.org/path/",
        Value = 1234567,
        Query = query => Task.FromResult<List<RuleSample>>(query == "none"
            ? []
            : [new RuleSample(Labels.Of(("n", "b")), 2, null), new RuleSample(Labels.Of(("n", "a")), 0.5, null)]),
    };

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("{{ $value }} {{ .Value }} {{ $labels.job }} {{ .Labels.instance }} [{{ $labels.none }}]", "1.234567e+06 1.234567e+06 j host.example.org:9090 []")]
    [InlineData("{{ $externalLabels.region }} {{ $externalURL }} {{ externalURL }} {{ pathPrefix }}", "eu http://prom.example.org/path/ http://prom.example.org/path/ /path")]
    [InlineData("{{ $value | humanize }} {{ humanize1024 $value }} {{ 0.25 | humanizePercentage }} {{ humanize 0.0012 }}", "1.235M 1.177Mi 25% 1.2m")]
    [InlineData("{{ humanizeDuration 93784 }} {{ humanizeDuration 59.5 }} {{ humanizeDuration 0.05 }} {{ humanizeDuration -61 }} {{ humanizeDuration 0 }}", "1d 2h 3m 4s 59.5s 50ms -1m 1s 0s")]
    [InlineData("{{ humanizeTimestamp 1435065584.128 }}", "2015-06-23 13:19:44.128 +0000 UTC")]
    [InlineData("{{ printf \"%.2f|%5.1f|%-6s|%q|%d|%v|%t|%%|%06.2f\" 1.005 2.25 \"ab\" \"c\\\"\" 3 4.5 true 1.5 }}", "1.00|  2.2|ab    |\"c\\\"\"|3|4.5|true|%|001.50")]
    [InlineData("{{ printf \"%s %d\" 1.5 \"x\" }}", "%!s(float64=1.5) %!d(string=x)")]
    [InlineData("{{ range query \"m\" }}{{ .Labels.n }}={{ .Value }};{{ end }}", "b=2;a=0.5;")]
    [InlineData("{{ range $i, $r := query \"m\" | sortByLabel \"n\" }}{{ $i }}{{ $r | label \"n\" }}{{ value $r }} {{ end }}", "0a0.5 1b2 ")]
    [InlineData("{{ with query \"none\" }}some{{ else }}none{{ end }}", "none")]
    [InlineData("{{ if and (gt $value 5.0) (eq $labels.job \"i\" \"j\") }}yes{{ else if true }}other{{ end }}", "yes")]
    [InlineData("{{ if lt $value 5.0 }}a{{ else if ge $value 1e6 }}b{{ else }}c{{ end }}", "b")]
    [InlineData("a {{- /* gone */ -}} b {{- 1 -}} \n c", "ab1c")]
    [InlineData("{{ $x := \"v\" }}{{ $x = print $x 1 2 }}{{ $x }}", "v1 2")]
    [InlineData("{{ (query \"m\" | first).Value }} {{ index $labels \"job\" }} {{ len \"abc\" }}", "2 j 3")]
    [InlineData("{{ toUpper \"ab\" }} {{ title \"ab cd\" }} {{ stripPort $labels.instance }} {{ stripDomain $labels.instance }} {{ match \"^j$\" $labels.job }} {{ reReplaceAll \"(.*)e\" \"${1}E\" \"theme\" }}", "AB Ab Cd host.example.org host:9090 true themE")]
    [InlineData("{{ parseDuration \"1h30m\" }} {{ graphLink \"up == 0\" }}", "5400 /graph?g0.expr=up+%3D%3D+0&g0.tab=0")]
    [InlineData("{{ range $labels }}{{ . }},{{ end }}", "m,host.example.org:9090,j,")]
    public async Task Expands_WhenTemplateIsValid(string template, string expected) => Assert.Equal(expected, await Template.ExpandAsync(template, Data));

    [Theory]
    [InlineData("{{ query \"none\" | first }}", "first() called on vector with no elements")]
    [InlineData("{{ $none }}", "undefined variable \"$none\"")]
    [InlineData("{{ .Nothing }}", "can't evaluate field Nothing")]
    [InlineData("{{ if true }}", "unexpected EOF")]
    [InlineData("{{ end }}", "unexpected {{end}}")]
    [InlineData("{{ $value", "unclosed action")]
    [InlineData("{{ gt $value 5 }}", "incompatible types for comparison")]
    [InlineData("{{ humanize \"x\" }}", "can't convert x to float")]
    [InlineData("{{ template \"x\" }}", "template is not supported")]
    public async Task SaysWhatIsWrong_WhenTemplateFails(string template, string message)
    {
        var text = await Template.ExpandAsync(template, Data);
        Assert.StartsWith("<error expanding template: ", text, StringComparison.Ordinal);
        Assert.Contains(message, text, StringComparison.Ordinal);
    }
}
