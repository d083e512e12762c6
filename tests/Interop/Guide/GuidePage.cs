using System.Text;
using System.Text.RegularExpressions;

namespace Deucalion.Interop.Guide;

/// <summary>
/// A page whose commands can be run: blocks of <c>sh</c> are commands, a block of <c>text</c> behind one holds lines that it prints, in this order, <c>...</c> standing for
/// anything; a block of <c>yaml</c> whose first line is a comment with a name is a file.
/// </summary>
internal sealed partial class GuidePage
{
    private const string Marker = "=== step ";

    private GuidePage(IReadOnlyList<Step> steps, IReadOnlyDictionary<string, string> files)
    {
        Steps = steps;
        Files = files;
    }

    public IReadOnlyList<Step> Steps { get; }

    public IReadOnlyDictionary<string, string> Files { get; }

    /// <summary>All commands in one script, which ends at the first that fails and then ends what it started.</summary>
    public string Script
    {
        get
        {
            var script = new StringBuilder("set -euo pipefail\ntrap 'kill -9 $(jobs -p) 2>/dev/null || true' EXIT\n");
            for (var i = 0; i < Steps.Count; i++)
            {
                script.Append("echo '").Append(Marker).Append(i).Append("'\n").Append(Steps[i].Commands);
            }

            return script.ToString();
        }
    }

    /// <summary>Reads a page.</summary>
    /// <param name="text">Its text.</param>
    /// <param name="replacements">What stands in its commands and files, and what is to stand there instead, applied in this order.</param>
    public static GuidePage Read(string text, IReadOnlyList<(string Old, string New)> replacements)
    {
        var steps = new List<Step>();
        var files = new Dictionary<string, string>();
        foreach (var (language, body) in Block().Matches(text).Select(static m => (m.Groups[1].Value, m.Groups[2].Value)))
        {
            var content = replacements.Aggregate(body, static (b, r) => b.Replace(r.Old, r.New, StringComparison.Ordinal));
            switch (language)
            {
                case "sh":
                    steps.Add(new Step(content, []));
                    break;
                case "text":
                    steps[^1] = steps[^1] with { Expected = content.TrimEnd('\n').Split('\n') };
                    break;
                case "yaml":
                    files.Add(content.Split('\n')[0].TrimStart('#', ' '), content);
                    break;
            }
        }

        return new GuidePage(steps, files);
    }

    /// <summary>Expected lines that the output lacks, each with its step.</summary>
    public IReadOnlyList<string> MissingIn(string output)
    {
        var missing = new List<string>();
        for (var i = 0; i < Steps.Count; i++)
        {
            var lines = new Queue<string>(output.Split(Marker + i + "\n") is [_, var rest] ? rest.Split(Marker)[0].Split('\n') : []);
            foreach (var expected in Steps[i].Expected)
            {
                // The node's own log lines come in between.
                var pattern = string.Join(".*", expected.Split("...").Select(Regex.Escape));
                var found = false;
                while (!found && lines.TryDequeue(out var line))
                {
                    found = Regex.IsMatch(line, pattern);
                }

                if (!found)
                {
                    missing.Add($"step {i}: {expected}");
                }
            }
        }

        return missing;
    }

    [GeneratedRegex(@"^```(\w+)\n(.*?)^```$", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Block();

    /// <summary>Commands, and lines that they print.</summary>
    internal sealed record Step(string Commands, IReadOnlyList<string> Expected);
}
