using Deucalion.Common.IO;
using Deucalion.Common.Tenants;
using Testing.Disk;
using Testing.Objects;
using Xunit;

namespace Deucalion.Ingester.Tests.Deletion;

/// <summary>
/// Two tenants that are written, shipped and deleted on a disk and a bucket that fail, while the power goes at a random operation. The model is a table of samples, each of
/// which is there for sure, for sure not, or may be: what was acknowledged is there until a deletion begins, what was sent before a deletion that succeeded is not.
/// </summary>
public sealed class DeletionCrashTests
{
    private static readonly long Now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
    private static readonly TenantId[] Tenants = [.. new[] { "one", "two" }.Select(static x => TenantId.TryParse(x, out var tenant, out _) ? tenant : default)];
    private int _acknowledged;
    private int _deleted;
    private int _unknown;

    [Theory]
    [InlineData(0)]
    [InlineData(60)]
    [InlineData(120)]
    public async Task TheModelHolds_At60CrashPointsFrom(int firstSeed)
    {
        for (var seed = firstSeed; seed < firstSeed + 60; seed++)
        {
            Assert.Null(await RunAsync(seed));
        }

        Assert.True(_acknowledged > 2_000 && _deleted > 60 && _unknown > 10, $"{_acknowledged} samples were acknowledged, {_deleted} deletions succeeded, {_unknown} are unknown");
    }

    private async Task<string?> RunAsync(int seed)
    {
        var random = new Random(seed);
        await using var ingester = new IngesterFixture(seed);
        var models = Tenants.Select(x => new Model(x)).ToList();
        for (var life = 0; life < 3; life++)
        {
            if (await LiveAsync(ingester, models, random) is { } wrong)
            {
                return $"seed {seed}: {wrong}";
            }
        }

        await ingester.StartAsync();
        foreach (var model in models)
        {
            if (model.Check(await ingester.ReadAllAsync(model.Tenant)) is { } wrong)
            {
                return $"seed {seed}: {wrong}";
            }
        }

        // Whatever is pending can be finished, and blocks of what is there be shipped.
        await ingester.Module.Deletions.FinishAllAsync(CancellationToken.None);
        Assert.Empty(ingester.Module.Host.Current!.Partitions.SelectMany(static x => x.State.Deletions));
        await ingester.Module.Shipper.FlushAsync(CancellationToken.None);
        foreach (var model in models)
        {
            Assert.Empty(await ingester.ReadHeadsAsync(model.Tenant));
            if (model.Check(await ingester.ReadAllAsync(model.Tenant)) is { } wrong)
            {
                return $"seed {seed}, shipped: {wrong}";
            }
        }

        return null;
    }

    private async Task<string?> LiveAsync(IngesterFixture ingester, List<Model> models, Random random)
    {
        ingester.Disk.LosePowerAfter(random.Next(8) == 0 ? random.Next(1, 30) : random.Next(60, 900));
        try
        {
            await ingester.StartAsync();
        }
        catch (IOException)
        {
            ingester.Disk.Crash();
            return null;
        }

        var storeRandom = new Random(random.Next());
        ingester.Objects.FailBefore = (_, _) => storeRandom.Next(25) == 0;
        ingester.Objects.FailAfter = (operation, _) => operation == ObjectOperation.PutIf && storeRandom.Next(6) == 0;
        if (random.Next(4) == 0)
        {
            var diskRandom = new Random(random.Next());
            ingester.Disk.Fault = (operation, path) => path.Contains("journal/", StringComparison.Ordinal) && operation == DiskOperation.Append && diskRandom.Next(20) == 0
                ? new DiskFullException("full for a moment", null)
                : null;
        }

        var flush = Task.CompletedTask;
        for (var step = random.Next(5, 30); step > 0; step--)
        {
            var model = models[random.Next(models.Count)];
            switch (random.Next(10))
            {
                case 0 or 1:
                    // Beside it, at times, somebody writes: that comes before or behind it.
                    var writing = random.Next(2) == 0 ? model.WriteAsync(ingester, random, isConcurrent: true) : Task.FromResult(0);
                    _ = await model.DeleteAsync(ingester, writing) ? _deleted++ : _unknown++;
                    break;
                case 2:
                    flush = Task.WhenAll(flush, FlushAsync(ingester));
                    break;
                case 3 when ingester.Objects.FailBefore is not null && random.Next(3) == 0:
                    await flush;
                    break;
                default:
                    _acknowledged += await model.WriteAsync(ingester, random, isConcurrent: false);
                    break;
            }
        }

        await flush;
        await ingester.CrashAsync();
        ingester.Objects.FailBefore = null;
        ingester.Objects.FailAfter = null;
        return null;
    }

    private static async Task FlushAsync(IngesterFixture ingester)
    {
        try
        {
            await ingester.Module.Shipper.FlushAsync(CancellationToken.None);
        }
        catch (IOException)
        {
            // The disk or the store failed: what is sealed is tried again later.
        }
    }

    /// <summary>What a tenant may hold. A key is written once.</summary>
    private sealed class Model(TenantId tenant)
    {
        private readonly Dictionary<(string, long), double> _certain = [];
        private readonly Dictionary<(string, long), double> _possible = [];
        private long _time = Now - 60_000;

        public TenantId Tenant => tenant;

        public async Task<int> WriteAsync(IngesterFixture ingester, Random random, bool isConcurrent)
        {
            var samples = new List<(string, long, double)>();
            for (var i = random.Next(1, 8); i > 0; i--)
            {
                samples.Add((random.Next(6).ToString(System.Globalization.CultureInfo.InvariantCulture), ++_time, random.NextDouble()));
            }

            foreach (var (series, time, value) in samples)
            {
                _possible[(series, time)] = value;
            }

            var outcome = await ingester.WriteAsync(tenant, samples);
            if (outcome.RetryableFailure is not null || isConcurrent)
            {
                return 0;
            }

            Assert.Equal((samples.Count, 0), (outcome.Stored, outcome.Rejected));
            foreach (var (series, time, value) in samples)
            {
                _possible.Remove((series, time));
                _certain[(series, time)] = value;
            }

            return samples.Count;
        }

        public async Task<bool> DeleteAsync(IngesterFixture ingester, Task<int> writing)
        {
            var concurrent = writing.IsCompleted ? [] : _possible.Where(x => x.Key.Item2 > _time - 8).ToDictionary();
            var answer = await ingester.Module.DeleteTenantAsync(tenant, "test", CancellationToken.None);
            await writing;
            if (answer.Failure is not null)
            {
                // Some partitions may have done it, or do it after a restart.
                foreach (var (key, value) in _certain)
                {
                    _possible[key] = value;
                }

                _certain.Clear();
                return false;
            }

            _certain.Clear();
            _possible.Clear();
            foreach (var (key, value) in concurrent)
            {
                _possible[key] = value;
            }

            return true;
        }

        public string? Check(Dictionary<(string Series, long Time), double> found)
        {
            foreach (var (key, value) in _certain)
            {
                if (!found.TryGetValue(key, out var read) || read != value)
                {
                    return $"tenant {tenant}: acknowledged {key} = {value} is lost";
                }
            }

            foreach (var (key, value) in found)
            {
                if (!(_certain.TryGetValue(key, out var known) || _possible.TryGetValue(key, out known)) || known != value)
                {
                    return $"tenant {tenant}: {key} = {value} was deleted, or never sent";
                }
            }

            return null;
        }
    }
}
