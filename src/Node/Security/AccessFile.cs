using System.Globalization;
using Deucalion.Common.Tenants;
using Deucalion.Node.Configuration;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Deucalion.Node.Security;

/// <summary>
/// Reads the file of credentials strictly, as the configuration is read: errors name file, line, key and what is allowed, all of them at once. What stands at
/// <c>hash</c> is never shown: somebody may have put the secret itself there.
/// </summary>
internal sealed class AccessFile
{
    private static readonly string[] Kinds = ["tokens", "users"];
    private static readonly string[] EntryKeys = ["name", "hash", "tenants", "rights", "expires"];
    private static readonly string[] RightWords = ["write", "read", "rules", "admin"];

    private readonly string _path;
    private readonly List<string> _errors = [];
    private readonly Dictionary<TokenHash, AccessEntry> _tokens = [];
    private readonly Dictionary<string, UserEntry> _users = new(StringComparer.Ordinal);
    private readonly HashSet<string> _tokenNames = new(StringComparer.Ordinal);

    private AccessFile(string path) => _path = path;

    /// <summary>Reads the text of a file.</summary>
    /// <exception cref="ConfigurationException">It has errors.</exception>
    public static AccessTable Parse(string path, string text)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(text));
        }
        catch (YamlException e)
        {
            // The parser's own words may quote what it read.
            throw new ConfigurationException($"{path}:{e.Start.Line}: not valid YAML", null);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            // Some texts bring the parser out of step.
            throw new ConfigurationException($"{path}: not valid YAML", null);
        }

        var file = new AccessFile(path);
        if (stream.Documents.Count == 1)
        {
            file.Read(stream.Documents[0].RootNode);
        }

        if (file._errors.Count == 0 && file._tokens.Count + file._users.Count == 0)
        {
            file._errors.Add($"{path}:1: one document with at least one entry under \"tokens\" or \"users\" is needed; without any nobody could do anything");
        }

        return file._errors.Count == 0 ? new AccessTable(file._tokens, file._users) : throw new ConfigurationException(string.Join('\n', file._errors), null);
    }

    private void Read(YamlNode root)
    {
        foreach (var (kind, list) in Children(root, string.Empty, Kinds))
        {
            if (list is not YamlSequenceNode entries)
            {
                Error(list, $"key \"{kind}\" must be a list of entries with the keys {string.Join(", ", EntryKeys)}");
                continue;
            }

            for (var i = 0; i < entries.Children.Count; i++)
            {
                ReadEntry(kind, string.Create(CultureInfo.InvariantCulture, $"{kind}[{i}]"), entries.Children[i]);
            }
        }
    }

    private void ReadEntry(string kind, string at, YamlNode node)
    {
        var before = _errors.Count;
        var values = Children(node, at, EntryKeys).ToDictionary(static c => c.Key, static c => c.Value);
        var name = Value(values, node, at, "name", text => text.Length > 0 && !text.Contains(':', StringComparison.Ordinal) ? text : throw new FormatException("a name that is not empty and has no colon is allowed"));
        var tenants = List(values, node, at, "tenants", Tenants);
        var rights = List(values, node, at, "rights", Rights);
        var expires = values.ContainsKey("expires") ? Value(values, node, at, "expires", static text => (DateTimeOffset?)Time(text)) : null;
        if (kind == "users")
        {
            var hash = Value(values, node, at, "hash", PasswordHash.Parse);
            if (_errors.Count == before && !_users.TryAdd(name!, new UserEntry(hash!, new AccessEntry { Name = name!, Tenants = tenants!, Rights = rights, Expires = expires })))
            {
                Error(values["name"], $"a second user of the name of \"{at}.name\"");
            }
        }
        else
        {
            var hash = Value(values, node, at, "hash", TokenHash.Parse);
            if (_errors.Count == before && !_tokenNames.Add(name!))
            {
                Error(values["name"], $"a second token of the name of \"{at}.name\"");
            }
            else if (_errors.Count == before && !_tokens.TryAdd(hash, new AccessEntry { Name = name!, Tenants = tenants!, Rights = rights, Expires = expires }))
            {
                Error(values["hash"], $"a second token with the hash of \"{at}.hash\"");
            }
        }
    }

    private IEnumerable<(string Key, YamlNode Value)> Children(YamlNode node, string at, string[] allowed)
    {
        if (node is not YamlMappingNode mapping)
        {
            Error(node, $"{(at.Length == 0 ? "the file" : $"key \"{at}\"")} must be a mapping with the keys {string.Join(", ", allowed)}");
            yield break;
        }

        foreach (var (key, value) in mapping.Children)
        {
            if (key is YamlScalarNode { Value: { } name } && allowed.Contains(name))
            {
                yield return (name, value);
            }
            else
            {
                // A name that is not known may be a secret in the wrong place.
                Error(key, $"unknown key{(at.Length == 0 ? " at the top" : $" under \"{at}\"")}; allowed: {string.Join(", ", allowed)}");
            }
        }
    }

    private T? Value<T>(Dictionary<string, YamlNode> values, YamlNode entry, string at, string key, Func<string, T> parse)
    {
        if (!values.TryGetValue(key, out var node))
        {
            Error(entry, $"key \"{at}.{key}\" is missing");
            return default;
        }

        try
        {
            return node is YamlScalarNode { Value: { } text } ? parse(text) : throw new FormatException("one value is allowed");
        }
        catch (FormatException e)
        {
            Error(node, $"bad value of key \"{at}.{key}\": {e.Message}");
            return default;
        }
    }

    private T? List<T>(Dictionary<string, YamlNode> values, YamlNode entry, string at, string key, Func<IReadOnlyList<string>, T> parse)
    {
        if (!values.TryGetValue(key, out var node))
        {
            Error(entry, $"key \"{at}.{key}\" is missing");
            return default;
        }

        try
        {
            return node is YamlSequenceNode { Children.Count: > 0 } list && list.All(static n => n is YamlScalarNode)
                ? parse([.. list.Select(static n => ((YamlScalarNode)n).Value ?? string.Empty)])
                : throw new FormatException("a list that is not empty is allowed");
        }
        catch (FormatException e)
        {
            Error(node, $"bad value of key \"{at}.{key}\": {e.Message}");
            return default;
        }
    }

    private static TenantSet Tenants(IReadOnlyList<string> names)
    {
        if (names.Contains(TenantSet.AllWord))
        {
            return names.Count == 1 ? TenantSet.All : throw new FormatException("\"*\" stands alone");
        }

        return TenantSet.Of(names.Select(static n => TenantId.TryParse(n, out var tenant, out var error) ? tenant : throw new FormatException(error)));
    }

    private static AccessRight Rights(IReadOnlyList<string> words) => words.Aggregate(AccessRight.None, static (sum, word) =>
        Array.IndexOf(RightWords, word) is >= 0 and var i ? sum | (AccessRight)(1 << i) : throw new FormatException($"only {string.Join(", ", RightWords)} are allowed"));

    private static DateTimeOffset Time(string text) =>
        DateTimeOffset.TryParseExact(text, ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : throw new FormatException("a time such as 2027-01-01T00:00:00Z is allowed");

    private void Error(YamlNode node, string message) => _errors.Add(string.Create(CultureInfo.InvariantCulture, $"{_path}:{node.Start.Line}: {message}"));
}
