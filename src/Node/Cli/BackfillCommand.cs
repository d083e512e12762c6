using System.CommandLine;
using Deucalion.Common.IO;
using Deucalion.Common.Labels;
using Deucalion.Common.Text;
using Deucalion.Storage.Tools;
using Deucalion.Storage.Tools.OpenMetrics;

namespace Deucalion.Node.Cli;

/// <summary><c>tsdb create-blocks-from openmetrics</c>: blocks from text.</summary>
internal static class BackfillCommand
{
    /// <summary>The verb with its subcommand.</summary>
    public static Command Create() => new("create-blocks-from", "Makes blocks from other data.") { OpenMetrics() };

    private static Command OpenMetrics()
    {
        var file = new Argument<FileInfo>("file") { Description = "OpenMetrics text whose samples all have timestamps." };
        var directory = new Argument<string>("directory") { Description = "Where the blocks are put.", DefaultValueFactory = static _ => "data" };
        var duration = new Option<string>("--max-block-duration") { Description = "No block is longer.", DefaultValueFactory = static _ => "2h" };
        var label = new Option<string[]>("--label") { Description = "name=value, set on every series; may be given more than once." };
        var readable = new Option<bool>("--human-readable", "-r") { Description = "Dates instead of milliseconds, units after sizes." };
        var quiet = new Option<bool>("--quiet", "-q") { Description = "Do not list the blocks." };
        var command = new Command("openmetrics", "Makes blocks from OpenMetrics text.") { file, directory, duration, label, readable, quiet };
        command.SetAction((result, cancellationToken) => TsdbCommand.RunAsync(async output =>
        {
            var path = result.GetRequiredValue(file).FullName;
            var target = result.GetRequiredValue(directory);
            var options = new OpenMetricsBlockOptions
            {
                MaxBlockDuration = DurationText.Parse(result.GetRequiredValue(duration)),
                Labels = Labels(result.GetValue(label) ?? []),
            };
            var created = new OpenMetricsBlocks(new LinuxDisk(), TimeProvider.System, options).Create(() => File.OpenRead(path), target, cancellationToken);
            if (!result.GetValue(quiet))
            {
                var names = created.Select(static m => m.Ulid).ToHashSet();
                var blocks = await DatabaseDirectory.BlocksAsync(target, cancellationToken);
                await BlockTable.WriteAsync([.. blocks.Where(b => names.Contains(b.Meta.Ulid))], result.GetValue(readable), output);
            }

            return true;
        }));
        return command;
    }

    private static Labels Labels(string[] texts)
    {
        var builder = new LabelsBuilder();
        foreach (var text in texts)
        {
            var equals = text.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                throw new FormatException($"--label {text}: expected name=value");
            }

            builder.Set(text[..equals], text[(equals + 1)..]);
        }

        return builder.Build();
    }
}
