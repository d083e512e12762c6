namespace Deucalion.Ruler.Templates;

/// <summary>
/// The templates of alerts: the subset of Go's text/template and of Prometheus's functions that docs/rules.md lists. Immutable.
/// </summary>
public sealed class Template
{
    private readonly IReadOnlyList<TemplateNode> _nodes;

    private Template(IReadOnlyList<TemplateNode> nodes)
    {
        _nodes = nodes;
    }

    /// <summary>Reads a template.</summary>
    /// <exception cref="TemplateException">It is not valid.</exception>
    public static Template Parse(string text) => new(TemplateParser.Parse(text));

    /// <summary>The text with a template's actions done; a failure becomes a text that says so, as in Prometheus.</summary>
    public static async ValueTask<string> ExpandAsync(string text, TemplateData data)
    {
        if (!text.Contains("{{", StringComparison.Ordinal))
        {
            return text;
        }

        try
        {
            return await Parse(text).ExpandAsync(data);
        }
        catch (TemplateException e)
        {
            return $"<error expanding template: {e.Message}>";
        }
    }

    /// <summary>The text with the template's actions done.</summary>
    /// <exception cref="TemplateException">An action failed.</exception>
    public async ValueTask<string> ExpandAsync(TemplateData data) => await new TemplateRun(data).RunAsync(_nodes);
}
