using Deucalion.Common.Contracts;
using Deucalion.Common.IO;
using Deucalion.Common.Tenants;
using Testing.Disk;
using Testing.Objects;
using Xunit;

namespace Deucalion.Ingester.Tests;

/// <summary>
/// The whole write path, with samples of all kinds in and out of order, on a disk that loses what was not synced: several writers, checkpoints, shipping, an object store that fails now and then; the
/// power goes at a random operation. What was acknowledged must be there, and nothing that was not sent.
/// </summary>
public sealed class CrashTests
{
    private const int Writers = 3;
    private long _acknowledged;
    private static readonly long Now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(200)]
    [InlineData(300)]
    [InlineData(400)]
    public async Task NothingAcknowledgedIsLost_At100CrashPointsFrom(int firstSeed)
    {
        for (var seed = firstSeed; seed < firstSeed + 100; seed++)
        {
            Assert.Null(await RunAsync(seed, ignoreSyncs: false));
        }

        Assert.True(_acknowledged > 20_000, $"only {_acknowledged} samples were acknowledged");
    }

    [Fact]
    public async Task TheTestNotices_WhenSyncsDoNothing()
    {
        var lost = 0;
        for (var seed = 0; seed < 50; seed++)
        {
            try
            {
                lost += await RunAsync(seed, ignoreSyncs: true) is not null ? 1 : 0;
            }
            catch (Exception e) when (e is InvalidDataException or IOException)
            {
                // Refusing to start on what is left is another way of noticing.
                lost++;
            }
        }

        Assert.InRange(lost, 10, 50);
    }

    /// <summary>Returns what is wrong, or null.</summary>
    private async Task<string?> RunAsync(int seed, bool ignoreSyncs)
    {
        var random = new Random(seed);
        await using var ingester = new IngesterFixture(seed) { KindsBySeries = true };
        ingester.Disk.IgnoresSyncs = ignoreSyncs;
        var writers = Enumerable.Range(0, Writers).Select(x => new Writer(x, random.Next())).ToList();
        try
        {
            for (var life = 0; life < 3; life++)
            {
                await LiveAsync(ingester, writers, random);
            }

            await ingester.StartAsync();
            var found = await ingester.ReadAllAsync(TenantId.Anonymous);
            // The runs must store something, or they show nothing: each writer gets through some rounds before the power goes.
            Interlocked.Add(ref _acknowledged, writers.Sum(x => x.Acknowledged.Count));
            foreach (var writer in writers)
            {
                foreach (var (key, value) in writer.Acknowledged)
                {
                    if (!found.TryGetValue(key, out var read) || read != value)
                    {
                        return $"seed {seed}: acknowledged {key} = {value} is lost";
                    }
                }
            }

            foreach (var (key, value) in found)
            {
                if (!writers.Any(x => x.Sent.TryGetValue(key, out var sent) && sent == value))
                {
                    return $"seed {seed}: {key} = {value} was never sent";
                }
            }

            return null;
        }
        catch (PartitionUnavailableException e)
        {
            return $"seed {seed}: {e.Message}";
        }
    }

    private static async Task LiveAsync(IngesterFixture ingester, List<Writer> writers, Random random)
    {
        ingester.Disk.LosePowerAfter(random.Next(10) == 0 ? random.Next(1, 30) : random.Next(30, 400));
        try
        {
            await ingester.StartAsync();
        }
        catch (IOException)
        {
            ingester.Disk.Crash();
            return;
        }

        if (random.Next(3) == 0)
        {
            // A device that fails now and then and goes on: the same process must get over it.
            var diskRandom = new Random(random.Next());
            ingester.Disk.Fault = (operation, path) => !path.Contains("journal/", StringComparison.Ordinal) ? null : operation switch
            {
                DiskOperation.Append when diskRandom.Next(15) == 0 => new DiskFullException("full for a moment", null),
                DiskOperation.Sync when diskRandom.Next(60) == 0 => new IOException("device error"),
                _ => null,
            };
        }

        var storeRandom = new Random(random.Next());
        ingester.Objects.FailBefore = (_, _) => storeRandom.Next(20) == 0;
        ingester.Objects.FailAfter = (operation, _) => operation == ObjectOperation.PutIf && storeRandom.Next(4) == 0;
        var rounds = random.Next(5, 40);
        var flush = random.Next(3) == 0 ? FlushAsync(ingester, random.Next(0, 20)) : Task.CompletedTask;
        await Task.WhenAll(writers.Select(x => Task.Run(() => x.RunAsync(ingester, rounds))));
        await flush;
        await ingester.CrashAsync();
        ingester.Objects.FailBefore = null;
        ingester.Objects.FailAfter = null;
    }

    private static async Task FlushAsync(IngesterFixture ingester, int afterMilliseconds)
    {
        await Task.Delay(afterMilliseconds);
        try
        {
            await ingester.Module.Shipper.FlushAsync(CancellationToken.None);
        }
        catch (IOException)
        {
            // The disk or the store failed: what is sealed is tried again later.
        }
    }

    /// <summary>Writes series of its own, each batch until it is acknowledged or has failed six times.</summary>
    private sealed class Writer(int number, int seed)
    {
        private readonly Random _random = new(seed);
        private long _time = Now - 60_000;
        private List<(string Series, long Time, double Value)>? _unanswered;

        public Dictionary<(string, long), double> Acknowledged { get; } = [];

        public Dictionary<(string, long), double> Sent { get; } = [];

        public async Task RunAsync(IngesterFixture ingester, int rounds)
        {
            for (var round = 0; round < rounds; round++)
            {
                // A sender repeats what was not answered, as it was, also to the next process.
                var batch = _unanswered ??= Next();
                var tries = 0;
                WriteOutcome outcome;
                do
                {
                    outcome = await ingester.WriteAsync(TenantId.Anonymous, batch);
                }
                while (outcome.RetryableFailure is not null && ++tries < 6);
                if (outcome.RetryableFailure is not null)
                {
                    return;
                }

                Assert.Equal((batch.Count, 0), (outcome.Stored, outcome.Rejected));
                _unanswered = null;
                foreach (var (series, time, value) in batch)
                {
                    Acknowledged[(series, time)] = value;
                }
            }
        }

        private List<(string, long, double)> Next()
        {
            _time += _random.Next(1, 1000);
            var batch = new List<(string, long, double)>();
            for (var i = 0; i < 8; i++)
            {
                // Some come late; a time that was sent once is not sent again with another value.
                var series = $"{number}-{_random.Next(2)}-{i}";
                var time = _random.Next(5) == 0 ? _time - _random.Next(1, 60_000) : _time;
                if (_random.Next(4) > 0 && !Sent.ContainsKey((series, time)))
                {
                    batch.Add((series, time, _random.NextDouble()));
                }
            }

            batch.Add(($"{number}-always", _time, _random.NextDouble()));
            foreach (var (series, time, value) in batch)
            {
                Sent[(series, time)] = value;
            }

            return batch;
        }
    }
}
