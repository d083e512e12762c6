using System.CommandLine;
using System.Text;
using System.Text.Json;
using Deucalion.Common.Labels;
using Deucalion.Common.Manifests;
using Deucalion.Node.Configuration;
using Deucalion.PromQL.Parser;
using Deucalion.Storage.Blocks;
using Deucalion.Storage.Chunks;
using Deucalion.Storage.Tools;
using Deucalion.Storage.Tools.Prometheus;

namespace Deucalion.Node.Cli;

/// <summary><c>tsdb list|analyze|dump|verify|create-blocks-from|import</c>: tools for blocks, in the manner of promtool.</summary>
internal static class TsdbCommand
{
    private const string PathDescription = "Directory of blocks, or a block.";

    /// <summary>The verb with its subcommands.</summary>
    public static Command Create() => new("tsdb", "Tools for blocks in Prometheus's format.")
    {
        List(), Analyze(), Dump(), Verify(), BackfillCommand.Create(), ImportCommand.Create(),
    };

    /// <summary>Runs a verb whose output is text; failures it may meet go to the error output and make the exit code 1.</summary>
    internal static async Task<int> RunAsync(Func<TextWriter, Task<bool>> verb)
    {
        try
        {
            await using var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false), 1 << 16);
            return await verb(output) ? 0 : 1;
        }
        catch (Exception e) when (e is IOException or ConfigurationException or UnauthorizedAccessException or FormatException or CorruptChunkException or CorruptManifestException or ParseException or RegexSyntaxException or JsonException)
        {
            await Console.Error.WriteLineAsync($"deucalion: {e.Message}");
            return 1;
        }
    }

    private static Command List()
    {
        var path = Path();
        var readable = new Option<bool>("--human-readable", "-r") { Description = "Dates instead of milliseconds, units after sizes." };
        var command = new Command("list", "Lists blocks.") { path, readable };
        command.SetAction((result, cancellationToken) => RunAsync(async output =>
        {
            await BlockTable.WriteAsync(await DatabaseDirectory.BlocksAsync(result.GetRequiredValue(path), cancellationToken), result.GetValue(readable), output);
            return true;
        }));
        return command;
    }

    private static Command Analyze()
    {
        var path = Path();
        var ulid = new Argument<string?>("block") { Description = "ULID of the block to analyze [default: the last].", Arity = ArgumentArity.ZeroOrOne };
        var limit = new Option<int>("--limit") { Description = "Items of each list.", DefaultValueFactory = static _ => 20 };
        var extended = new Option<bool>("--extended") { Description = "Also how full chunks are." };
        var match = new Option<string?>("--match") { Description = "Series selector: analyze these series." };
        var command = new Command("analyze", "Prints churn, cardinality of labels and metrics, and how full chunks are.") { path, ulid, limit, extended, match };
        command.SetAction((result, cancellationToken) => RunAsync(async output =>
        {
            var blocks = await DatabaseDirectory.BlocksAsync(result.GetRequiredValue(path), cancellationToken);
            var wanted = result.GetValue(ulid);
            var block = wanted is null ? (blocks.Count > 0 ? blocks[^1] : null) : blocks.FirstOrDefault(b => b.Meta.Ulid == wanted);
            if (block is null)
            {
                throw new FileNotFoundException(wanted is null ? "there is no block" : $"there is no block {wanted}");
            }

            var matchers = result.GetValue(match) is { } selector ? PromQlParser.ParseMetricSelector(selector) : [];
            await new BlockAnalysis(output) { Limit = result.GetValue(limit), Extended = result.GetValue(extended) }.WriteAsync(block, matchers, cancellationToken);
            return true;
        }));
        return command;
    }

    private static Command Dump()
    {
        var path = Path();
        var match = new Option<string[]>("--match") { Description = "Series selector; may be given more than once [default: all series]." };
        var minTime = new Option<long>("--min-time") { Description = "Oldest sample, Unix milliseconds.", DefaultValueFactory = static _ => long.MinValue };
        var maxTime = new Option<long>("--max-time") { Description = "Newest sample, Unix milliseconds.", DefaultValueFactory = static _ => long.MaxValue };
        var command = new Command("dump", "Prints the samples of blocks, and of the head of a Prometheus data directory: {labels} value milliseconds.") { path, match, minTime, maxTime };
        command.SetAction((result, cancellationToken) => RunAsync(async output =>
        {
            IReadOnlyList<LabelMatcher>[] selectors = [.. (result.GetValue(match) ?? []).Select(PromQlParser.ParseMetricSelector)];
            var from = result.GetRequiredValue(path);
            var blocks = await DatabaseDirectory.BlocksAsync(from, cancellationToken);
            var head = PrometheusHead.Exists(from) ? PrometheusHead.Load(from, PrometheusHead.Begin(blocks.Select(static b => b.Meta)), cancellationToken) : null;
            foreach (var torn in head?.Stats.Torn ?? [])
            {
                await Console.Error.WriteLineAsync($"deucalion: {torn}");
            }

            await new SampleDump(output).WriteAsync(blocks, head, selectors, result.GetValue(minTime), result.GetValue(maxTime), cancellationToken);
            return true;
        }));
        return command;
    }

    private static Command Verify()
    {
        var path = Path();
        var command = new Command("verify", "Reads blocks whole and prints what is wrong with them; exits with 1 where something is.") { path };
        command.SetAction((result, cancellationToken) => RunAsync(async output =>
        {
            var whole = true;
            foreach (var block in DatabaseDirectory.Paths(result.GetRequiredValue(path)))
            {
                var problems = await BlockVerifier.VerifyDirectoryAsync(block, cancellationToken);
                foreach (var problem in problems)
                {
                    await output.WriteLineAsync($"{block}: {problem.Kind}: {problem.Message}");
                }

                await output.WriteLineAsync($"{block}: {(problems.Count == 0 ? "ok" : "damaged")}");
                whole &= problems.Count == 0;
            }

            return whole;
        }));
        return command;
    }

    internal static Argument<string> Path() => new("path") { Description = PathDescription };
}
