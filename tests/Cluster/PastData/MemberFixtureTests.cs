using Deucalion.Cluster.Nodes;
using Deucalion.Testing.Fixtures;
using Xunit;

namespace Deucalion.Cluster.PastData;

/// <summary>A cluster starts on what a past version's members left when they were killed, and has all of it.</summary>
public sealed class MemberFixtureTests
{
    [Theory]
    [InlineData("v0.3.0")]
    [Trait("Category", "slow")]
    public Task AnswersWithEverySample_WhenAPastVersionsMembersWroteTheData(string version) => RunDirectory.UseAsync("fixture", async directory =>
    {
        MemberFixture.Copy(MemberFixture.PathOf(version), directory.Path);
        await using var cluster = await MemberFixture.StartAsync(directory);

        await MemberFixture.AgreeAsync(cluster);
        await MemberFixture.HoldsEverythingAsync(cluster);
    });

    /// <summary>Makes the fixture of a version, once, when it is released: DEUCALION_FIXTURE names the version; run with <c>-explicit only</c>.</summary>
    [Fact(Explicit = true)]
    public Task WritesTheFixture() => RunDirectory.UseAsync("fixture-writer", async directory =>
    {
        var version = Environment.GetEnvironmentVariable("DEUCALION_FIXTURE") ?? throw new InvalidOperationException("DEUCALION_FIXTURE is not set");
        var target = MemberFixture.PathOf(version);
        Assert.False(Directory.Exists(target), $"{target} exists: fixtures are never changed");
        await using var cluster = await MemberFixture.StartAsync(directory);
        await MemberFixture.PushAsync(cluster, version, 0, FixtureData.InBlocks);
        using (var http = new HttpClient { Timeout = TimeSpan.FromMinutes(1) })
        {
            foreach (var node in cluster.Nodes)
            {
                // It ships what it leads, and complains of the rest.
                using var response = await http.PostAsync(new Uri(node.Url, "/ingester/flush"), null, TestContext.Current.CancellationToken);
            }
        }

        await MemberFixture.AgreeAsync(cluster);

        await MemberFixture.PushAsync(cluster, version, FixtureData.InBlocks, FixtureData.InCheckpoints);
        foreach (var node in cluster.Nodes)
        {
            await node.StopAsync();
            await node.StartAsync();
            await MemberFixture.AgreeAsync(cluster);
        }

        await MemberFixture.PushAsync(cluster, version, FixtureData.InCheckpoints, FixtureData.Samples);
        await MemberFixture.AgreeAsync(cluster);
        await MemberFixture.HoldsEverythingAsync(cluster);
        await Task.WhenAll(cluster.Nodes.Select(static node => node.KillAsync()));
        MemberFixture.Copy(directory.Path, target);
        Assert.Equal(3, Directory.GetFiles(target, "node-id", SearchOption.AllDirectories).Length);
        Assert.NotEmpty(Directory.GetFiles(target, "meta.json", SearchOption.AllDirectories));
        Assert.NotEmpty(Directory.GetFiles(target, "checkpoint", SearchOption.AllDirectories));
    });
}
