using System.Globalization;
using System.Text.RegularExpressions;
using Deucalion.Common.Labels;
using Deucalion.Common.Text;
using Deucalion.Ruler.Evaluation;

namespace Deucalion.Ruler.Templates;

/// <summary>The functions of templates, those of Go and those of Prometheus; query is run elsewhere.</summary>
internal static class TemplateFunctions
{
    private static readonly TimeSpan MatchTimeout = TimeSpan.FromSeconds(1);

    private static readonly Dictionary<string, Func<List<object?>, TemplateData, object?>> All = new(StringComparer.Ordinal)
    {
        ["query"] = static (_, _) => null,
        ["first"] = static (a, _) => Rows(a, 0) is [var row, ..] ? row : throw new TemplateException("error calling first: first() called on vector with no elements"),
        ["label"] = static (a, _) => Row(a, 1).Labels.Get(Text(a, 0)),
        ["value"] = static (a, _) => Row(a, 0).Value,
        ["strvalue"] = static (a, _) => Row(a, 0).Labels.Get("__value__"),
        ["sortByLabel"] = static (a, _) => SortByLabel(Text(a, 0), Rows(a, 1)),
        ["humanize"] = static (a, _) => Humanize.Decimal(Number(a, 0)),
        ["humanize1024"] = static (a, _) => Humanize.Powers1024(Number(a, 0)),
        ["humanizeDuration"] = static (a, _) => Humanize.Duration(Number(a, 0)),
        ["humanizePercentage"] = static (a, _) => Humanize.Percentage(Number(a, 0)),
        ["humanizeTimestamp"] = static (a, _) => Humanize.Timestamp(Number(a, 0)),
        ["title"] = static (a, _) => CultureInfo.InvariantCulture.TextInfo.ToTitleCase(Text(a, 0)),
        ["toUpper"] = static (a, _) => Text(a, 0).ToUpperInvariant(),
        ["toLower"] = static (a, _) => Text(a, 0).ToLowerInvariant(),
        ["stripPort"] = static (a, _) => StripPort(Text(a, 0)),
        ["stripDomain"] = static (a, _) => StripDomain(Text(a, 0)),
        ["match"] = static (a, _) => Regex.IsMatch(Text(a, 1), Text(a, 0), RegexOptions.CultureInvariant, MatchTimeout),
        ["reReplaceAll"] = static (a, _) => Regex.Replace(Text(a, 2), Text(a, 0), Text(a, 1), RegexOptions.CultureInvariant, MatchTimeout),
        ["parseDuration"] = static (a, _) => DurationText.TryParse(Text(a, 0), out var ms, out var error) ? ms / 1000.0 : throw new TemplateException(error),
        ["graphLink"] = static (a, _) => $"/graph?g0.expr={Escape(Text(a, 0))}&g0.tab=0",
        ["tableLink"] = static (a, _) => $"/graph?g0.expr={Escape(Text(a, 0))}&g0.tab=1",
        ["urlquery"] = static (a, _) => Escape(TemplateText.Print(a)),
        ["externalURL"] = static (_, data) => data.ExternalUrl,
        ["pathPrefix"] = static (_, data) => Uri.TryCreate(data.ExternalUrl, UriKind.Absolute, out var uri) ? uri.AbsolutePath.TrimEnd('/') : string.Empty,
        ["print"] = static (a, _) => TemplateText.Print(a),
        ["println"] = static (a, _) => string.Join(' ', a.ConvertAll(TemplateText.Of)) + "\n",
        ["printf"] = static (a, _) => TemplateText.Format(Text(a, 0), a.GetRange(1, a.Count - 1)),
        ["len"] = static (a, _) => Length(At(a, 0)),
        ["index"] = static (a, _) => Index(a),
        ["not"] = static (a, _) => !IsTrue(At(a, 0)),
        ["and"] = static (a, _) => a[^1],
        ["or"] = static (a, _) => a[^1],
        ["eq"] = static (a, _) => a.Skip(1).Any(other => Compare(At(a, 0), other) == 0),
        ["ne"] = static (a, _) => Compare(At(a, 0), At(a, 1)) != 0,
        ["lt"] = static (a, _) => Compare(At(a, 0), At(a, 1)) == -1,
        ["le"] = static (a, _) => Compare(At(a, 0), At(a, 1)) is -1 or 0,
        ["gt"] = static (a, _) => Compare(At(a, 0), At(a, 1)) == 1,
        ["ge"] = static (a, _) => Compare(At(a, 0), At(a, 1)) is 1 or 0,
        ["safeHtml"] = static (a, _) => Text(a, 0),
    };

    public static bool Exists(string name) => All.ContainsKey(name);

    public static object? Call(string name, List<object?> arguments, TemplateData data)
    {
        try
        {
            return All[name](arguments, data);
        }
        catch (ArgumentException e)
        {
            throw new TemplateException($"error calling {name}: {e.Message}", e);
        }
        catch (RegexMatchTimeoutException e)
        {
            throw new TemplateException($"error calling {name}: {e.Message}", e);
        }
    }

    public static bool IsTrue(object? value) => value switch
    {
        null => false,
        bool flag => flag,
        string text => text.Length > 0,
        double number => number != 0,
        long number => number != 0,
        List<object?> list => list.Count > 0,
        Labels labels => labels.Count > 0,
        _ => true,
    };

    private static object? At(List<object?> a, int i) => i < a.Count ? a[i] : throw new TemplateException("wrong number of arguments");

    private static string Text(List<object?> a, int i) =>
        At(a, i) as string ?? throw new TemplateException($"wrong type for value; expected string; got {TemplateText.Of(a[i])}");

    private static List<object?> Rows(List<object?> a, int i) =>
        At(a, i) as List<object?> ?? throw new TemplateException("wrong type for value; expected a query's result");

    private static RuleSample Row(List<object?> a, int i) =>
        At(a, i) is RuleSample row ? row : throw new TemplateException("wrong type for value; expected an element of a query's result");

    private static double Number(List<object?> a, int i) => At(a, i) switch
    {
        double number => number,
        long number => number,
        string text when GoNumber.TryParseFloat(text, out var number) => number,
        var other => throw new TemplateException($"can't convert {TemplateText.Of(other)} to float"),
    };

    private static object Length(object? value) => value switch
    {
        string text => (long)System.Text.Encoding.UTF8.GetByteCount(text),
        List<object?> list => (long)list.Count,
        Labels labels => (long)labels.Count,
        _ => throw new TemplateException("error calling len: len of that type"),
    };

    private static object? Index(List<object?> a)
    {
        var value = At(a, 0);
        for (var i = 1; i < a.Count; i++)
        {
            value = (value, a[i]) switch
            {
                (Labels labels, string name) => labels.Get(name),
                (List<object?> list, long at) when at >= 0 && at < list.Count => list[(int)at],
                _ => throw new TemplateException($"error calling index: index out of range: {TemplateText.Of(a[i])}"),
            };
        }

        return value;
    }

    // -1, 0, 1, or 2 where unordered, as NaN is.
    private static int Compare(object? a, object? b) => (a, b) switch
    {
        (double x, double y) => x < y ? -1 : x > y ? 1 : x == y ? 0 : 2,
        (long x, long y) => x.CompareTo(y),
        (string x, string y) => Math.Sign(Utf8Order.Compare(x, y)),
        (bool x, bool y) => x == y ? 0 : 2,
        (null, null) => 0,
        _ => throw new TemplateException("incompatible types for comparison"),
    };

    private static List<object?> SortByLabel(string label, List<object?> rows) =>
        [.. rows.OrderBy(row => ((RuleSample)row!).Labels.Get(label), Comparer<string>.Create(Utf8Order.Compare))];

    // As in the query of a URL, where a space is a plus.
    private static string Escape(string text) => Uri.EscapeDataString(text).Replace("%20", "+", StringComparison.Ordinal);

    private static string StripPort(string hostPort)
    {
        var colon = hostPort.LastIndexOf(':');
        if (colon < 0 || hostPort.EndsWith(']'))
        {
            return hostPort;
        }

        var host = hostPort[..colon];
        return host.StartsWith('[') && host.EndsWith(']') ? host[1..^1] : host.Contains(':', StringComparison.Ordinal) ? hostPort : host;
    }

    private static string StripDomain(string hostPort)
    {
        var colon = hostPort.LastIndexOf(':');
        var (host, port) = colon < 0 ? (hostPort, string.Empty) : (hostPort[..colon], hostPort[colon..]);
        return System.Net.IPAddress.TryParse(host, out _) || !host.Contains('.', StringComparison.Ordinal) ? hostPort : host[..host.IndexOf('.', StringComparison.Ordinal)] + port;
    }
}
