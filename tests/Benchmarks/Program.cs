using System.Globalization;
using Deucalion.Benchmarks;
using Deucalion.Benchmarks.Reports;
using Deucalion.Benchmarks.Servers;

// Usage: eng/bench.sh ingest|query|shapes|storage|interference|flood|cluster [--series N] [--steps N] [--runs N] [--rounds N]
var root = Environment.GetEnvironmentVariable("DEUCALION_ROOT") ?? throw new InvalidOperationException("run it as eng/bench.sh");
var peers = Environment.GetEnvironmentVariable("DEUCALION_PEERS") ?? throw new InvalidOperationException("run it as eng/bench.sh");
int Number(string name, int otherwise) => Array.IndexOf(args, name) is var i and >= 0 ? int.Parse(args[i + 1], CultureInfo.InvariantCulture) : otherwise;

using var servers = new ServerFactory(root, peers);
var page = Path.Combine(root, "docs", "benchmarks.md");
var series = Number("--series", 100_000);
switch (args.FirstOrDefault())
{
    case "ingest":
        ReportPage.Write(page, "ingest", await IngestBenchmark.RunAsync(servers, series, Number("--steps", 60), Number("--runs", 5)));
        return 0;
    case "query":
        ReportPage.Write(page, "query", await QueryBenchmark.RunAsync(servers, series, Number("--runs", 9)));
        return 0;
    case "interference":
        ReportPage.Write(page, "interference", await InterferenceBenchmark.RunAsync(servers, Number("--series", 1_000_000), Number("--runs", 1000), Number("--rounds", 30)));
        return 0;
    case "flood":
        ReportPage.Write(page, "flood", await FloodBenchmark.RunAsync(servers, Number("--runs", 1000)));
        return 0;
    case "shapes":
        ReportPage.Write(page, "shapes", await ShapesBenchmark.RunAsync(servers, series, Number("--runs", 20)));
        return 0;
    case "storage":
        ReportPage.Write(page, "storage", await StorageBenchmark.RunAsync(servers, Number("--series", 1_000_000)));
        return 0;
    case "cluster":
        ReportPage.Write(page, "cluster", await ClusterBenchmark.RunAsync(servers, Number("--series", 50_000), Number("--steps", 60), Number("--rounds", 3)));
        return 0;
    default:
        Console.Error.WriteLine("ingest, query, shapes, storage, interference, flood or cluster is expected");
        return 2;
}
