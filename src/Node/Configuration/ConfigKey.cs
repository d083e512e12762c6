namespace Deucalion.Node.Configuration;

/// <summary>
/// One key of the configuration file: the single source of the parser, of <c>/api/v1/status/config</c> and of docs/configuration.md.
/// </summary>
/// <param name="Path">Sections and name joined by dots, as in <c>query.timeout</c>.</param>
/// <param name="Type">What a value looks like, for people.</param>
/// <param name="Description">Meaning, unit and why the default is what it is.</param>
/// <param name="Reloadable">Whether a reload applies it; else a restart is needed.</param>
/// <param name="Set">Parses the text and sets the option; throws <see cref="FormatException"/> saying what is allowed.</param>
/// <param name="Get">The option as text that <paramref name="Set"/> would accept.</param>
internal sealed record ConfigKey(
    string Path, string Type, string Description, bool Reloadable, Action<NodeOptions, string> Set, Func<NodeOptions, string> Get)
{
    /// <summary>Whether the value must never be shown or logged.</summary>
    public bool IsSecret { get; init; }

    /// <summary>The section, or empty.</summary>
    public string Section => Path[..Math.Max(0, Path.LastIndexOf('.'))];

    /// <summary>The name inside the section.</summary>
    public string Name => Path[(Path.LastIndexOf('.') + 1)..];

    /// <summary>The default as text.</summary>
    public string Default => Get(new NodeOptions());

    /// <summary>The option as text for people: as <see cref="Get"/>, but for secrets.</summary>
    public string Show(NodeOptions options) => IsSecret && Get(options).Length > 0 ? ConfigValue.Hidden : Get(options);
}
