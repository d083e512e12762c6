using System.Text;
using Deucalion.Common.Contracts;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Log;
using Deucalion.Replication.PartitionLog;
using Xunit;

namespace Replication.Tests.PartitionLog;

/// <summary>
/// A whole node of one (coordination store, journal, checkpoints) that loses power at seeded moments: acknowledged records are there afterwards, applied
/// once and in order; nothing is applied that was not written; no (term, seq) is written twice; the partition opens by itself.
/// </summary>
public sealed class PartitionCrashTests
{
    private const int Seeds = 500;
    private const int Lives = 4;

    [Fact]
    public async Task LosesNothingAcknowledged_AtAnyPowerLoss()
    {
        var acknowledged = 0;
        for (var seed = 0; seed < Seeds; seed++)
        {
            var (error, count) = await RunAsync(seed, JournalSync.Batch, ignoreSyncs: false);
            Assert.True(error is null, $"seed {seed}: {error}");
            acknowledged += count;
        }

        Assert.True(acknowledged > Seeds * 5, $"only {acknowledged} records were acknowledged: the test tests little");
    }

    [Fact]
    public async Task FindsTheLoss_WhenSyncsDoNothing()
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            if ((await RunAsync(seed, JournalSync.Batch, ignoreSyncs: true)).Error is not null)
            {
                return;
            }
        }

        Assert.Fail("no seed noticed that nothing was synced");
    }

    [Theory]
    [InlineData(JournalSync.Interval)]
    [InlineData(JournalSync.Never)]
    public async Task OpensByItself_WithAllUpToSomePoint_WhenRoundsAreNotSynced(JournalSync sync)
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            var (error, _) = await RunAsync(seed, sync, ignoreSyncs: false);
            Assert.True(error is null, $"seed {seed}: {error}");
        }
    }

    private static async Task<(string? Error, int Acknowledged)> RunAsync(int seed, JournalSync sync, bool ignoreSyncs)
    {
        var random = new Random(seed);
        using var node = new LogFixture(seed);
        node.Disk.IgnoresSyncs = ignoreSyncs;
        node.Sync = sync;
        var written = new Dictionary<(int Partition, long Term, long Seq), string>();
        var acknowledged = new Dictionary<int, List<string>> { [0] = [], [1] = [] };
        for (var life = 0; life <= Lives; life++)
        {
            if (life < Lives)
            {
                node.Disk.LosePowerAfter(random.Next(1, 120));
            }

            try
            {
                node.Start();
                if (sync != JournalSync.Batch)
                {
                    // What is lost was not promised; what comes now follows what is left.
                    foreach (var (partition, list) in acknowledged)
                    {
                        var applied = node.OwnerOf(partition).Applied;
                        var kept = list.TakeWhile((text, i) => i < applied.Count && applied[i] == text).Count();
                        list.RemoveRange(kept, list.Count - kept);
                        list.AddRange(applied.Skip(kept));
                    }
                }

                if (Verify(node, written.Values, acknowledged) is { } error)
                {
                    return (error, 0);
                }

                await WriteAsync(node, random, written, acknowledged, life == Lives);
            }
            catch (IOException exception) when (life < Lives && exception is not PartitionRefusedException)
            {
            }
            catch (Exception exception) when (exception is IOException or InvalidDataException or ArgumentException)
            {
                return (exception.Message, 0);
            }

            node.Logs?.Journal.Abandon();
            if (random.Next(3) == 0)
            {
                node.Disk.Kill();
            }
            else
            {
                node.Disk.Crash();
            }
        }

        return (null, acknowledged.Values.Sum(static list => list.Count));
    }

    private static async Task WriteAsync(
        LogFixture node, Random random, Dictionary<(int, long, long), string> written, Dictionary<int, List<string>> acknowledged, bool last)
    {
        for (var partition = 0; partition < 2; partition++)
        {
            await node.OpenAsync(partition);
        }

        for (var i = 0; i < (last ? 1 : 100); i++)
        {
            var partition = random.Next(2);
            var log = node.Log(partition);
            var owner = node.OwnerOf(partition);
            var batch = new List<string>();
            for (var n = random.Next(1, 4); n > 0; n--)
            {
                var text = $"{partition}/{log.Term}/{log.End + 1} {new string('x', random.Next(300))}";
                written.Add((partition, log.Term, log.End + 1), text);
                log.Append(RecordKind.Samples, Encoding.UTF8.GetBytes(text));
                batch.Add(text);
            }

            await LogFixture.CommitAsync(log, owner, log.End);
            acknowledged[partition].AddRange(batch);
            if (random.Next(15) == 0)
            {
                owner.Save(node.Disk, log);
            }
        }
    }

    private static string? Verify(LogFixture node, IEnumerable<string> written, Dictionary<int, List<string>> acknowledged)
    {
        var known = written.ToHashSet();
        foreach (var log in node.Recovered)
        {
            if (log.Refusal is not null)
            {
                return log.Refusal;
            }
        }

        for (var partition = 0; partition < 2; partition++)
        {
            if (EarlierVersion.Refusal(node.Disk, node.Logs.Journal, new PartitionId(partition)) is { } refusal)
            {
                return $"partition {partition} could not be taken back to an earlier version: {refusal}";
            }

            var applied = node.OwnerOf(partition).Applied;
            if (applied.Distinct().Count() != applied.Count || applied.Any(text => !known.Contains(text)))
            {
                return $"partition {partition} applied something twice, or what was never written";
            }

            // The acknowledged ones in order, unacknowledged ones between or behind.
            var at = 0;
            foreach (var text in applied)
            {
                at += at < acknowledged[partition].Count && acknowledged[partition][at] == text ? 1 : 0;
            }

            if (at < acknowledged[partition].Count)
            {
                return $"partition {partition} lost '{acknowledged[partition][at]}'";
            }
        }

        return null;
    }
}
