using Deucalion.Common.Identifiers;
using Testing.Objects;
using Xunit;

namespace Deucalion.Compactor.Tests.Compaction;

/// <summary>The process dies at each of its steps in turn: nothing is missing or twice, and what it leaves behind goes.</summary>
public sealed class CompactionCrashTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task LosesNothing_WhenTheProcessDiesAtAnyStepOfTheBucket(bool afterItsEffect)
    {
        for (var step = 0; ; step++)
        {
            using var scene = new CompactionScene();
            var before = await PublishAsync(scene);
            var left = step;
            Func<ObjectOperation, string, bool> dies = (_, _) => left-- <= 0;
            (scene.Objects.FailBefore, scene.Objects.FailAfter) = afterItsEffect ? (null, dies) : (dies, (Func<ObjectOperation, string, bool>?)null);
            await RunAsync(scene);
            (scene.Objects.FailBefore, scene.Objects.FailAfter) = (null, null);
            Assert.Equal(before, await scene.SamplesAsync());
            var isThrough = left >= 0;
            await IsWholeAgainAsync(scene, before);
            if (isThrough)
            {
                Assert.True(step > 10, $"{step} steps");
                return;
            }
        }
    }

    [Fact]
    public async Task LosesNothing_WhenTheProcessDiesAtAnyStepOfTheDisk()
    {
        for (var step = 0; ; step++)
        {
            using var scene = new CompactionScene();
            var before = await PublishAsync(scene);
            var operations = scene.Disk.Operations;
            scene.Disk.CutAfter(step);
            await RunAsync(scene);
            var isThrough = scene.Disk.Operations - operations <= step;
            scene.Disk.CutAfter(long.MaxValue);
            Assert.Equal(before, await scene.SamplesAsync());
            await IsWholeAgainAsync(scene, before);
            if (isThrough)
            {
                Assert.True(step > 10, $"{step} steps");
                return;
            }
        }
    }

    private static async Task<IReadOnlyList<string>> PublishAsync(CompactionScene scene)
    {
        var random = new Random(1);
        await scene.PublishAsync(random, 0, 0.2);
        await scene.PublishAsync(random, 0.1, 0.2);
        await scene.PublishAsync(random, 5, 0.1);
        return await scene.SamplesAsync();
    }

    // A pass that cannot even list the tenants throws; the module logs that and goes on.
    private static async Task RunAsync(CompactionScene scene)
    {
        try
        {
            await scene.RunAsync();
        }
        catch (IOException)
        {
        }
    }

    private static async Task IsWholeAgainAsync(CompactionScene scene, IReadOnlyList<string> before)
    {
        // Another process, which finds the files of the one before.
        scene.Begin();
        Assert.Empty(Directory.GetFileSystemEntries(scene.WorkDirectory));
        await scene.RunAsync();
        var block = Assert.Single((await scene.ManifestAsync()).Blocks);
        Assert.Equal(before, await scene.SamplesAsync());
        scene.Clock.Advance(TimeSpan.FromHours(5));
        await scene.RetainAsync();
        var blocks = scene.Objects.Keys.Select(static x => x.Split('/')[1]).Where(static x => Ulid.TryParse(x, out _)).Distinct();
        Assert.Equal(block.Ulid, Assert.Single(blocks));
        Assert.Equal(before, await scene.SamplesAsync());
    }
}
