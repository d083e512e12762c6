using System.Globalization;
using Deucalion.Cluster.Checking;
using Deucalion.Cluster.Nodes;
using Deucalion.Cluster.Stores;
using Deucalion.Testing.Fixtures;
using Deucalion.Testing.Processes;
using Deucalion.Testing.RemoteWrite;
using Xunit;

namespace Deucalion.Cluster.PastData;

/// <summary>
/// Three members of a cluster as a past version left them: data directories, and the store that they share. The samples are those of
/// <see cref="FixtureData"/>: the first 20 in blocks, the next 20 in checkpoints, the last 20 in journals that end with a kill.
/// </summary>
internal static class MemberFixture
{
    private const string Data = "data";
    private const string Store = "store";
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(90);

    /// <summary>Where that of a version lies.</summary>
    public static string PathOf(string version) => Path.Combine(NodeProgram.RepositoryRoot(), "tests", "Cluster", "fixtures", version);

    /// <summary>Three nodes over whatever the directory of the run holds already.</summary>
    public static Task<TestCluster> StartAsync(RunDirectory directory) => TestCluster.StartAsync(new ClusterOptions { Store = StoreKind.Local }, directory);

    /// <summary>Sends samples to the first node.</summary>
    public static async Task PushAsync(TestCluster cluster, string version, int first, int end)
    {
        var request = new WriteRequestV2Encoder();
        foreach (var series in FixtureData.Series(version, first, end))
        {
            request.Series(series);
        }

        using var http = new HttpClient { BaseAddress = cluster.Nodes[0].Url, Timeout = Soon };
        using var response = await Pushing.PushAsync(http, request);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <summary>Waits until all replicas are in sync and equal.</summary>
    public static async Task AgreeAsync(TestCluster cluster)
    {
        using var client = new ClusterClient();
        var problem = string.Empty;
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    var state = await ClusterState.ReadAsync(cluster, client, withDigests: true, CancellationToken.None);
                    problem = state.MissingRedundancy() ?? state.Disagreement() ?? (state.Entries.Count == 0 ? "there is no partition" : null);
                }
                catch (HttpRequestException e)
                {
                    problem = e.Message;
                }

                return problem is null;
            },
            Soon,
            () => $"replicas are in sync and equal; {problem}");
    }

    /// <summary>Every node answers with every float of the fixture.</summary>
    public static async Task HoldsEverythingAsync(TestCluster cluster)
    {
        using var client = new ClusterClient();
        foreach (var node in cluster.Nodes)
        {
            var end = (FixtureData.Start / 1000) + ((FixtureData.Samples - 1) * 15);
            var data = await client.DataAsync(node, $"/api/v1/query?query={Uri.EscapeDataString("fixture[20m]")}&time={end}", CancellationToken.None);
            var found = data.GetProperty("result").EnumerateArray().SelectMany(static series => series.GetProperty("values").EnumerateArray().Select(value => Line(
                series.GetProperty("metric").GetProperty("s").GetString()!, (long)(value[0].GetDouble() * 1000), double.Parse(value[1].GetString()!, CultureInfo.InvariantCulture))));
            var expected = Enumerable.Range(0, 3).SelectMany(static s => Enumerable.Range(0, FixtureData.Samples).Select(i => Line(
                s.ToString(CultureInfo.InvariantCulture), FixtureData.Start + (i * 15_000), (s * 1000) + i + (0.25 * (i % 3)))));
            Assert.Equal(expected.Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
        }
    }

    /// <summary>Copies what members and store hold; locks, logs, links and configuration are of the run.</summary>
    public static void Copy(string from, string to)
    {
        foreach (var file in Directory.GetDirectories(from, "node*").Select(static node => Path.Combine(node, Data)).Append(Path.Combine(from, Store, "shared"))
            .SelectMany(static kept => Directory.GetFiles(kept, "*", SearchOption.AllDirectories)))
        {
            var relative = Path.GetRelativePath(from, file);
            var name = Path.GetFileName(file);
            if (name.EndsWith("lock", StringComparison.Ordinal) || name.StartsWith("lease.", StringComparison.Ordinal) || relative.Contains("/.locks/", StringComparison.Ordinal))
            {
                continue;
            }

            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(to, relative))!);
            File.Copy(file, Path.Combine(to, relative));
        }
    }

    private static string Line(string series, long time, double value) => string.Create(CultureInfo.InvariantCulture, $"{series} {time} {value:R}");
}
